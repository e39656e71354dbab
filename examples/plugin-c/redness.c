/*
 * An example plugin in C: one metric, the mean of the red channel.
 *
 *   cc -std=c11 -shared -fPIC -I core/abi/include -o libgiqa_example_c.so examples/plugin-c/redness.c
 *   giqa plugins check ./libgiqa_example_c.so
 *
 * A real plugin would use a JSON library; this one reads the two things that it needs by hand.
 */
#include "giqa_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same text as in manifest.json beside this file (a test compares them). */
#define MANIFEST                                                                                                       \
  "{\"schema\":\"giqa.manifest/1\",\"id\":\"org.giqa.example-c\",\"name\":\"example-c\",\"version\":\"0.1.0\","        \
  "\"summary\":\"An example in C: mean red.\",\"license\":\"MIT OR Apache-2.0\",\"threading\":\"any\","                \
  "\"components\":[{\"name\":\"redness\",\"kind\":\"metric\",\"summary\":\"Mean of the red channel.\","                \
  "\"range\":[0,255],\"better\":\"neither\",\"unit\":\"8-bit steps\",\"config_schema\":{\"type\":\"object\","          \
  "\"additionalProperties\":false,\"properties\":{\"gain\":{\"type\":\"number\",\"minimum\":0,\"maximum\":1,"          \
  "\"description\":\"Factor on the result (default 1).\"}}}}]}"

/* In a section of its own, so that giqa can read it without running anything of this library. */
#if defined(__APPLE__)
__attribute__((used, section("__DATA,__giqa_manifest")))
#else
__attribute__((used, section(".giqa.manifest")))
#endif
static const char manifest[sizeof MANIFEST - 1] = MANIFEST;

typedef struct Redness {
  double gain;
} Redness;

static GiqaStr str(const char *text) {
  GiqaStr s = {(const uint8_t *)text, strlen(text)};
  return s;
}

static int32_t fail(const GiqaHost *host, uint32_t item, int32_t status, const char *code, const char *message) {
  char json[256];
  snprintf(json, sizeof json, "{\"code\":\"%s\",\"message\":\"%s\"}", code, message);
  host->emit(host->ctx, item, GIQA_EMIT_ERROR, str(json));
  return status;
}

static int equals(GiqaStr s, const char *text) { return s.len == strlen(text) && memcmp(s.data, text, s.len) == 0; }

/* Copies a string that is not zero-terminated; 0 when it does not fit. */
static int copy(GiqaStr s, char *to, size_t room) {
  if (s.len >= room) return 0;
  if (s.len > 0) memcpy(to, s.data, s.len);
  to[s.len] = '\0';
  return 1;
}

static int32_t create(const GiqaHost *host, GiqaStr component, GiqaStr config, void **instance) {
  char text[1024];
  if (!equals(component, "redness"))
    return fail(host, GIQA_ALL_ITEMS, GIQA_BAD_REQUEST, "bad-request", "example-c has no such component");
  /* The host has checked the configuration against the schema; this only guards against other callers. */
  if (!copy(config, text, sizeof text) || text[0] != '{' || text[strlen(text) - 1] != '}')
    return fail(host, GIQA_ALL_ITEMS, GIQA_BAD_CONFIG, "bad-config", "the configuration is not a JSON object");
  Redness *made = malloc(sizeof *made);
  if (made == NULL) return fail(host, GIQA_ALL_ITEMS, GIQA_OUT_OF_MEMORY, "out-of-memory", "no memory");
  const char *gain = strstr(text, "\"gain\":");
  made->gain = gain != NULL ? strtod(gain + strlen("\"gain\":"), NULL) : 1.0;
  *instance = made;
  return GIQA_OK;
}

static int32_t measure(const Redness *self, const GiqaHost *host, uint32_t i, const GiqaItem *item) {
  if (item == NULL || item->image == NULL)
    return fail(host, i, GIQA_BAD_REQUEST, "bad-request", "the item has no image");
  const GiqaImage *image = item->image;
  if (image->format != GIQA_PIXELS_RGB8)
    return fail(host, i, GIQA_BAD_REQUEST, "bad-request", "the pixel format is not known");
  /* Any JSON object will do as input; "region" and "map" are not supported by this example. */
  if (item->input.len < 2 || item->input.data[0] != '{' || item->input.data[item->input.len - 1] != '}')
    return fail(host, i, GIQA_BAD_REQUEST, "bad-request", "the input is not a JSON object");
  double sum = 0.0;
  for (uint32_t y = 0; y < image->height; y++) {
    if (y % 64 == 0 && host->cancelled(host->ctx)) return fail(host, i, GIQA_CANCELLED, "cancelled", "cancelled");
    const uint8_t *row = image->data + (ptrdiff_t)y * image->stride;
    for (uint32_t x = 0; x < image->width; x++) sum += row[3 * (size_t)x];
  }
  char json[64];
  double mean = sum / ((double)image->width * (double)image->height);
  snprintf(json, sizeof json, "{\"value\":%.17g}", mean * self->gain);
  return host->emit(host->ctx, i, GIQA_EMIT_RESULT, str(json));
}

static int32_t run(void *instance, const GiqaHost *host, const GiqaItem *const *items, uint32_t n, int32_t *statuses) {
  for (uint32_t i = 0; i < n; i++) {
    statuses[i] = measure(instance, host, i, items[i]);
    host->progress(host->ctx, (float)(i + 1) / (float)n, str("redness"));
  }
  return GIQA_OK;
}

static void destroy(void *instance) { free(instance); }

const GiqaPluginV1 GIQA_PLUGIN_V1 = {
    .struct_size = sizeof(GiqaPluginV1),
    .abi_major = GIQA_ABI_MAJOR,
    .abi_minor = GIQA_ABI_MINOR,
    .manifest = {(const uint8_t *)manifest, sizeof manifest},
    .create = create,
    .run = run,
    .destroy = destroy,
};
