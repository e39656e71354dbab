/*
 * giqa_plugin.h: the border between giqa and its plugins, version 1.
 * Generated from core/abi by `cargo xtask header`; do not edit. How to write a plugin: docs/plugins.md.
 *
 * A plugin is a shared library that exports `const GiqaPluginV1 GIQA_PLUGIN_V1`.
 */

#ifndef GIQA_PLUGIN_H
#define GIQA_PLUGIN_H

#include <stddef.h>
#include <stdint.h>

/*
 Major version of the border; a plugin of another major is not loaded.
 */
#define GIQA_ABI_MAJOR 1

/*
 Minor version of the border; grows with each field that is added at the end of a struct.
 */
#define GIQA_ABI_MINOR 0

/*
 Done.
 */
#define GIQA_OK 0

/*
 The work failed; an error payload says why.
 */
#define GIQA_FAILED 1

/*
 The host asked to stop.
 */
#define GIQA_CANCELLED 2

/*
 The plugin panicked; caught inside the plugin.
 */
#define GIQA_PANICKED 3

/*
 The configuration is wrong.
 */
#define GIQA_BAD_CONFIG 4

/*
 The request does not fit the component.
 */
#define GIQA_BAD_REQUEST 5

/*
 Memory ran out.
 */
#define GIQA_OUT_OF_MEMORY 6

/*
 Payload of [`GiqaHost::emit`]: the result of an item, UTF-8 JSON (docs/plugins.md has the schemas).
 */
#define GIQA_EMIT_RESULT 1

/*
 Payload: an error, UTF-8 JSON `{code, message, hint?, retryable?}`.
 */
#define GIQA_EMIT_ERROR 2

/*
 Payload: a dense map: `u32` columns, `u32` rows (little-endian), then `rows * columns` little-endian `f32`,
 row-major; NaN = not measurable there.
 */
#define GIQA_EMIT_MAP 3

/*
 Payload: a further piece of a model's text, UTF-8.
 */
#define GIQA_EMIT_TOKEN 4

/*
 The `item` of an emitted error that concerns the whole call.
 */
#define GIQA_ALL_ITEMS UINT32_MAX

/*
 Pixels: 8-bit R, G, B; 3 bytes a pixel.
 */
#define GIQA_PIXELS_RGB8 1

/*
 Colour space: sRGB (IEC 61966-2-1).
 */
#define GIQA_COLOUR_SRGB 1

/*
 Log level: something failed.
 */
#define GIQA_LOG_ERROR 1

/*
 Log level: something is odd.
 */
#define GIQA_LOG_WARN 2

/*
 Log level: worth knowing.
 */
#define GIQA_LOG_INFO 3

/*
 Log level: for whoever looks for a mistake.
 */
#define GIQA_LOG_DEBUG 4

/*
 Log level: everything.
 */
#define GIQA_LOG_TRACE 5

/*
 Directory for caches of this plugin.
 */
#define GIQA_DIR_CACHE 1

/*
 Directory of weight files.
 */
#define GIQA_DIR_WEIGHTS 2

/*
 UTF-8 text (or bytes): not zero-terminated, `data` may be null when `len` is 0.
 */
typedef struct {
  /*
   First byte.
   */
  const uint8_t *data;
  /*
   Number of bytes.
   */
  size_t len;
} GiqaStr;

/*
 What the host offers during a call. Valid until the call that received it returns. `[thread-safe]` throughout.
 */
typedef struct {
  /*
   Size of this struct as the host knows it.
   */
  uint32_t struct_size;
  /*
   The host's minor version of the border.
   */
  uint32_t abi_minor;
  /*
   The first argument of each function below; opaque.
   */
  void *ctx;
  /*
   Writes a line to the host's log: level (`GIQA_LOG_*`), target (who speaks), text.
   */
  void (*log)(void *ctx, uint32_t level, GiqaStr target, GiqaStr text);
  /*
   Hands over a result of item `item`: kind (`GIQA_EMIT_*`) and payload, copied before it returns.
   Returns `GIQA_OK`, or `GIQA_BAD_REQUEST` for an unknown item or kind.
   */
  int32_t (*emit)(void *ctx, uint32_t item, uint32_t kind, GiqaStr payload);
  /*
   Not 0 when the call should stop; then return `GIQA_CANCELLED`. Poll it at least every 50 ms.
   */
  int32_t (*cancelled)(void *ctx);
  /*
   Says that `fraction` (0..1) of the call is done, with a short word on the current step.
   */
  void (*progress)(void *ctx, float fraction, GiqaStr text);
  /*
   Absolute path of a directory (`GIQA_DIR_*`), empty when there is none. Lives as long as the process.
   */
  GiqaStr (*directory)(void *ctx, uint32_t which);
  /*
   A further service by name, null when there is none. None is defined so far.
   */
  const void *(*get_service)(void *ctx, GiqaStr name);
} GiqaHost;

/*
 A picture, borrowed until the call returns: upright (EXIF orientation applied), top-left origin.
 */
typedef struct {
  /*
   Size of this struct as the writer knows it.
   */
  uint32_t struct_size;
  /*
   Pixel format: `GIQA_PIXELS_RGB8` so far. Answer `GIQA_BAD_REQUEST` to one you don't know.
   */
  uint32_t format;
  /*
   Columns, at least 1.
   */
  uint32_t width;
  /*
   Rows, at least 1.
   */
  uint32_t height;
  /*
   Bytes from one row to the next; may be larger than the row, or negative.
   */
  ptrdiff_t stride;
  /*
   First byte of the top row.
   */
  const uint8_t *data;
  /*
   Colour space: `GIQA_COLOUR_SRGB` so far.
   */
  uint32_t colour_space;
  /*
   Unused, 0.
   */
  uint32_t flags;
  /*
   Identity of the pixels: the same non-zero id in one process means the same pixels. 0 = unknown.
   */
  uint64_t id;
} GiqaImage;

/*
 One item of a batch.
 */
typedef struct {
  /*
   Size of this struct as the writer knows it.
   */
  uint32_t struct_size;
  /*
   Unused, 0.
   */
  uint32_t reserved;
  /*
   The picture; null for requests without one.
   */
  const GiqaImage *image;
  /*
   The original, for full-reference metrics; null otherwise.
   */
  const GiqaImage *reference;
  /*
   What is asked, UTF-8 JSON; depends on the component's kind (docs/plugins.md).
   */
  GiqaStr input;
} GiqaItem;

/*
 The exported table of a plugin.
 */
typedef struct {
  /*
   Size of this struct as the plugin knows it.
   */
  uint32_t struct_size;
  /*
   `GIQA_ABI_MAJOR`.
   */
  uint16_t abi_major;
  /*
   `GIQA_ABI_MINOR`.
   */
  uint16_t abi_minor;
  /*
   The manifest, UTF-8 JSON `giqa.manifest/1`; the same bytes as in the section `.giqa.manifest` (ELF),
   `__DATA,__giqa_manifest` (Mach-O), `.giqam` (PE), or as in `<library>.giqa.json` beside the library.
   */
  GiqaStr manifest;
  /*
   Makes a component: its name, its configuration as a JSON object. `*instance` is set on `GIQA_OK`; otherwise
   an error is emitted for `GIQA_ALL_ITEMS`. `[thread-safe]`
   */
  int32_t (*create)(const GiqaHost *host, GiqaStr component, GiqaStr config, void **instance);
  /*
   Works on `n` items (0 is allowed) and emits one result or error for each. `statuses[i]` (`GIQA_*`) is set for
   each item; the return value is `GIQA_OK` unless the call failed as a whole. `[one thread per instance]`
   */
  int32_t (*run)(void *instance,
                 const GiqaHost *host,
                 const GiqaItem *const *items,
                 uint32_t n,
                 int32_t *statuses);
  /*
   Frees an instance. `[one thread per instance]`
   */
  void (*destroy)(void *instance);
  /*
   An optional part by name, null when there is none. None is defined so far. `[thread-safe]`
   */
  const void *(*get_extension)(GiqaStr name);
} GiqaPluginV1;

#endif  /* GIQA_PLUGIN_H */

#ifdef __cplusplus
#define GIQA_EXTERN extern "C"
#else
#define GIQA_EXTERN extern
#endif
#if defined(_WIN32)
#define GIQA_EXPORT __declspec(dllexport)
#else
#define GIQA_EXPORT __attribute__((visibility("default")))
#endif

/* What a plugin defines. */
GIQA_EXTERN GIQA_EXPORT const GiqaPluginV1 GIQA_PLUGIN_V1;
