// CUDA graphs and memory figures of libtorch, which tch has no binding for, as a C interface. No kernels: a C++ compiler and
// CUDA's headers are enough. `cargo xtask torch --cuda` builds it; src/shim.rs, which loads it, says what each function is for.
//
// Functions return 0, or -1 with a text in giqa_shim_error(). Nothing is thrown across the border.
#include <ATen/cuda/CUDAGraph.h>
#include <c10/cuda/CUDACachingAllocator.h>
#include <c10/cuda/CUDAStream.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>

namespace {

thread_local std::string last_error;

template <typename Body>
int guarded(Body body) noexcept {
  try {
    body();
    return 0;
  } catch (const std::exception& e) {
    // c10's texts end with a backtrace.
    last_error = std::string(e.what()).substr(0, std::string(e.what()).find("\nException raised from"));
  } catch (...) {
    last_error = "an exception of unknown type";
  }
  return -1;
}

struct Recording {
  at::cuda::CUDAGraph graph;
  c10::cuda::CUDAStream stream;
  c10::cuda::CUDAStream before;
};

}  // namespace

extern "C" {

const char* giqa_shim_error() { return last_error.c_str(); }

// Makes a stream of the pool current on this thread: the default stream can't be recorded.
int giqa_graph_new(int device, Recording** out) {
  return guarded([&] {
    auto index = static_cast<c10::DeviceIndex>(device);
    auto before = c10::cuda::getCurrentCUDAStream(index);
    auto stream = c10::cuda::getStreamFromPool(false, index);
    before.synchronize();
    *out = new Recording{at::cuda::CUDAGraph(), stream, before};
    c10::cuda::setCurrentCUDAStream(stream);
  });
}

int giqa_graph_begin(Recording* r) {
  return guarded([&] {
    r->stream.synchronize();
    r->graph.capture_begin();
  });
}

// The stream from before is current again, also when the recording failed.
int giqa_graph_end(Recording* r) {
  return guarded([&] {
    struct Restore {
      Recording* r;
      ~Restore() { c10::cuda::setCurrentCUDAStream(r->before); }
    } restore{r};
    r->graph.capture_end();
  });
}

// On the current stream.
int giqa_graph_replay(Recording* r) {
  return guarded([&] { r->graph.replay(); });
}

void giqa_graph_free(Recording* r) {
  guarded([&] { delete r; });
}

// Bytes of tensors now, and at most so far.
int giqa_memory(int device, uint64_t* now, uint64_t* peak) {
  return guarded([&] {
    auto stats = c10::cuda::CUDACachingAllocator::getDeviceStats(static_cast<c10::DeviceIndex>(device));
    *now = static_cast<uint64_t>(stats.allocated_bytes[0].current);
    *peak = static_cast<uint64_t>(stats.allocated_bytes[0].peak);
  });
}

}  // extern "C"
