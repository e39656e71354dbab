//! Connections: timeouts, proxies, no redirects.

use crate::settings::Settings;

/// The connections to one server, and how long they may take.
pub(super) fn new(url: &str, settings: &Settings) -> ureq::Agent {
    let plain = &settings.plain;
    let host = ureq::http::Uri::try_from(url).ok().and_then(|u| u.host().map(ToOwned::to_owned)).unwrap_or_default();
    let mut config = ureq::Agent::config_builder()
        .http_status_as_error(false)
        // A key must not go wherever a server points.
        .max_redirects(0)
        .timeout_connect(Some(plain.connect_timeout_s))
        .timeout_per_read(Some(plain.idle_timeout_s))
        .timeout_per_write(Some(plain.idle_timeout_s))
        .max_idle_connections(plain.max_concurrency)
        .max_idle_connections_per_host(plain.max_concurrency)
        .user_agent(concat!("giqa/", env!("CARGO_PKG_VERSION")));
    // A proxy can't reach this machine's own servers.
    if matches!(host.as_str(), "localhost" | "[::1]") || host.starts_with("127.") {
        config = config.proxy(None);
    }
    if let Some(roots) = &settings.roots {
        config = config.tls_config(ureq::tls::TlsConfig::builder().root_certs(roots.clone()).build());
    }
    config.build().new_agent()
}
