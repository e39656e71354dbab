//! Libraries of others that a plugin is linked with: where the user says they are, and what to do where they are missing.

use crate::error::HostError;
use crate::library::vet;
use giqa_core::NeededLibrary;
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;

fn file_name(need: &NeededLibrary) -> String {
    format!("{DLL_PREFIX}{}{DLL_SUFFIX}", need.library)
}

/// The file in the folder that the need's environment variable names; `None` without one: then the system looks.
///
/// # Errors
/// [`HostError::Io`] when it is not in that folder, and what makes a plugin unsafe to load.
pub(crate) fn place(need: &NeededLibrary) -> Result<Option<PathBuf>, HostError> {
    let folder = need.variable.as_ref().and_then(std::env::var_os).map(PathBuf::from);
    match folder.filter(|f| f.is_absolute()) {
        Some(folder) => {
            let path = folder.join(file_name(need));
            // The path as it was named, not where links lead: libraries find their neighbours by it.
            vet(&path, None).map(|_| Some(path))
        }
        None => Ok(None),
    }
}

/// The loader's words, with the remedy where they name a library that the plugin needs.
pub(crate) fn explained(reason: String, needs: &[NeededLibrary]) -> String {
    match needs.iter().find(|need| reason.contains(&file_name(need))) {
        Some(need) => match &need.variable {
            Some(variable) => format!("{reason}. {} ({variable} may name its folder)", need.hint),
            None => format!("{reason}. {}", need.hint),
        },
        None => reason,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_comes_with_its_remedy() {
        let variable = Some("GIQA_FOO".to_owned());
        let need = NeededLibrary { library: "foo".to_owned(), variable, hint: "Install foo".to_owned() };
        let words = format!("{}: no such file", file_name(&need));
        assert!(
            explained(words, std::slice::from_ref(&need)).ends_with(". Install foo (GIQA_FOO may name its folder)")
        );
        assert_eq!(explained("other".to_owned(), std::slice::from_ref(&need)), "other");
        assert!(place(&need).unwrap().is_none());
    }
}
