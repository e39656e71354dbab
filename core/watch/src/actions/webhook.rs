//! Webhooks: the verdict as JSON by POST.

use super::error::{ActionError, Trouble};
use super::{Outcome, Subject};
use std::time::Duration;

/// Before the first repeat; twice as long before each further one.
const PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(20);

pub(super) fn send(
    id: &str,
    subject: &Subject,
    url: &str,
    retries: u32,
    limit: Duration,
) -> Result<Outcome, ActionError> {
    let config = ureq::Agent::config_builder().timeout_global(Some(limit)).http_status_as_error(false).max_redirects(0);
    let agent = ureq::Agent::new_with_config(config.build());
    let body = serde_json::json!({
        "schema": "giqa.webhook/1",
        "action": id,
        "path": subject.path.to_string_lossy(),
        "verdict": subject.report.verdict,
        "quality": subject.report.quality,
        "findings": subject.report.findings,
        "blake3": subject.report.image.blake3,
    })
    .to_string();
    let failed = |why: String| {
        let place = url.split(['?', '#']).next().unwrap_or_default();
        ActionError::new(Trouble::Webhook, format!("webhook {}: {why}", giqa_engine::safe_text::escaped(place)))
    };
    let mut pause = PAUSE;
    for attempt in 0..=retries {
        let sent = agent
            .post(url)
            .header("Content-Type", "application/json")
            // The same after a crash: the other side can see what it has had.
            .header("Idempotency-Key", id)
            .send(&body);
        let why = match sent {
            Ok(answer) if answer.status().is_success() => {
                return Ok(Outcome::told(format!("sent, {}", answer.status())));
            }
            Ok(answer) if answer.status().is_server_error() || answer.status().as_u16() == 429 => {
                format!("answered {}", answer.status())
            }
            Ok(answer) => return Err(failed(format!("answered {}; it is not tried again", answer.status()))),
            Err(error) => error.to_string(),
        };
        if attempt == retries {
            return Err(failed(format!("{why}, {} times", retries + 1)));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Err(failed("not tried".into()))
}
