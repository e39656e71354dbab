//! The panic guard: no panic crosses the border.

use giqa_core::{ComponentError, ErrorKind};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work`; a panic becomes an error of kind `Panicked` with the panic's own words.
///
/// Unwind safety is asserted: whatever the work held is either dropped by the unwinding or belongs to one component
/// instance, whose author the error tells.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, ComponentError>) -> Result<T, ComponentError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        let words = payload
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "no message".to_owned());
        Err(ComponentError::new(ErrorKind::Panicked, format!("the plugin panicked: {words}"))
            .hint("report this to the plugin's author"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panics_become_errors_with_their_words() {
        assert_eq!(guarded(|| Ok(1)).unwrap(), 1);
        let e = guarded::<()>(|| panic!("index {}", 7)).unwrap_err();
        assert_eq!((e.kind, e.message.as_str()), (ErrorKind::Panicked, "the plugin panicked: index 7"));
        assert!(guarded::<()>(|| panic!("plain")).unwrap_err().message.ends_with("plain"));
        let odd = guarded::<()>(|| std::panic::panic_any(3)).unwrap_err();
        assert!(odd.message.ends_with("no message"));
    }
}
