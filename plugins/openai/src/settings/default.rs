//! What holds where plugins.toml says nothing; `manifest.json` tells users the same.

use std::time::Duration;

pub(super) fn connect_timeout() -> Duration {
    Duration::from_secs(10)
}
pub(super) fn idle_timeout() -> Duration {
    Duration::from_secs(60)
}
/// Below the 120 s after which the host stops a worker: our own error tells more.
pub(super) fn timeout() -> Duration {
    Duration::from_secs(110)
}
pub(super) fn retries() -> u32 {
    4
}
pub(super) fn max_retry_wait() -> Duration {
    Duration::from_secs(30)
}
pub(super) fn breaker_failures() -> u32 {
    5
}
pub(super) fn breaker_pause() -> Duration {
    Duration::from_secs(2)
}
pub(super) fn max_concurrency() -> usize {
    32
}
pub(super) fn max_response_kb() -> u64 {
    4096
}
pub(super) fn max_image_side() -> u32 {
    1536
}
pub(super) fn jpeg_quality() -> u8 {
    90
}
pub(super) fn max_tokens() -> u32 {
    1024
}
pub(super) fn top_logprobs() -> u32 {
    10
}
pub(super) fn cache_max_mb() -> u64 {
    1024
}
pub(super) fn yes() -> bool {
    true
}
