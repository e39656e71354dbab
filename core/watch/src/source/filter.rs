use super::paths::resolved;
use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use std::path::{Path, PathBuf};

/// The same names that `giqa inspect` takes from a folder.
const IMAGE_EXTENSIONS: [&str; 13] =
    ["jpg", "jpeg", "jpe", "jfif", "png", "apng", "webp", "tif", "tiff", "bmp", "dib", "gif", "avif"];

/// What a [`Filter`] is made of. Globs are relative to the watched root and don't care about case. One without a slash
/// is a name at any depth (`*.jpg`, `rejects`), one with a slash is a path from the root (`2024/**/raw`).
#[derive(Debug, Clone)]
pub struct FilterOptions {
    /// Files must match one of these; empty means all.
    pub include: Vec<String>,
    /// Files and folders that match one of these are passed over, with all that lies in such a folder.
    pub exclude: Vec<String>,
    /// Extensions of images, without the dot, in any case.
    pub extensions: Vec<String>,
    /// Files and folders that giqa writes itself.
    pub outputs: Vec<PathBuf>,
}

impl Default for FilterOptions {
    fn default() -> Self {
        let extensions = IMAGE_EXTENSIONS.map(str::to_owned).into();
        Self { include: Vec::new(), exclude: Vec::new(), extensions, outputs: Vec::new() }
    }
}

/// Which files are taken. Hidden and temporary names never are.
#[derive(Debug, Clone)]
pub struct Filter {
    include: Option<GlobSet>,
    exclude: GlobSet,
    extensions: Vec<String>,
    outputs: Vec<PathBuf>,
}

/// A glob that can't be understood.
#[derive(Debug, thiserror::Error)]
#[error("{list} = {glob:?} is not a glob: {reason}; `*` stands for a part of a name, `**` for folders at any depth")]
pub struct FilterError {
    /// `include` or `exclude`.
    pub list: &'static str,
    /// The glob as given.
    pub glob: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Filter {
    /// Checks the globs and resolves the outputs.
    ///
    /// # Errors
    /// The first glob that can't be understood.
    pub fn new(options: &FilterOptions) -> Result<Self, FilterError> {
        let include = compile("include", &options.include)?;
        Ok(Self {
            include: (!options.include.is_empty()).then_some(include),
            exclude: compile("exclude", &options.exclude)?,
            extensions: options.extensions.iter().map(|e| e.trim_start_matches('.').to_owned()).collect(),
            outputs: options.outputs.iter().map(|p| resolved(p)).collect(),
        })
    }

    /// Whether the file is one to report. `path` lies below `root`.
    #[must_use]
    pub fn takes(&self, root: &Path, path: &Path) -> bool {
        let extension = path.extension().and_then(|e| e.to_str());
        extension.is_some_and(|e| self.extensions.iter().any(|known| known.eq_ignore_ascii_case(e)))
            && self.takes_dir(root, path)
            && self.include.as_ref().is_none_or(|globs| globs.is_match(below(root, path)))
    }

    /// Whether the folder is one to look into. `path` is `root` or lies below it.
    #[must_use]
    pub fn takes_dir(&self, root: &Path, path: &Path) -> bool {
        let relative = below(root, path);
        self.output_with(path).is_none()
            && relative.iter().all(|name| !is_passing(name.as_encoded_bytes()))
            && relative.ancestors().all(|part| part.as_os_str().is_empty() || !self.exclude.is_match(part))
    }

    /// The output of our own that this path is, or lies in.
    pub(super) fn output_with(&self, path: &Path) -> Option<&Path> {
        self.outputs.iter().find(|output| path.starts_with(output)).map(PathBuf::as_path)
    }
}

impl Default for Filter {
    /// All images.
    fn default() -> Self {
        let FilterOptions { extensions, .. } = FilterOptions::default();
        Self { include: None, exclude: GlobSet::empty(), extensions, outputs: Vec::new() }
    }
}

fn below<'p>(root: &Path, path: &'p Path) -> &'p Path {
    path.strip_prefix(root).unwrap_or(path)
}

/// Hidden names (ours begin with `.giqa-`), and names that programs give to what they have not finished.
fn is_passing(name: &[u8]) -> bool {
    let name = name.to_ascii_lowercase();
    let ends = [b"~".as_slice(), b".part", b".partial", b".filepart", b".crdownload", b".download", b".tmp"];
    name.starts_with(b".") || name.starts_with(b"~") || ends.iter().any(|end| name.ends_with(end))
}

fn compile(list: &'static str, globs: &[String]) -> Result<GlobSet, FilterError> {
    let error = |glob: &str, reason: &globset::Error| {
        let (glob, reason) = (glob.to_owned(), reason.kind().to_string());
        FilterError { list, glob, reason }
    };
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let path = glob.trim_end_matches('/');
        let anchored = match path.strip_prefix('/') {
            Some(from_root) => from_root.to_owned(),
            None if path.contains('/') => path.to_owned(),
            None => format!("**/{path}"),
        };
        let mut builder = GlobBuilder::new(&anchored);
        builder.literal_separator(true).case_insensitive(true);
        set.add(builder.build().map_err(|e| error(glob, &e))?);
    }
    set.build().map_err(|e| error(&globs.join(", "), &e))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(include: &[&str], exclude: &[&str]) -> Filter {
        let owned = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect();
        let outputs = vec!["/in/out".into(), "/in/report.jpg".into()];
        Filter::new(&FilterOptions {
            include: owned(include),
            exclude: owned(exclude),
            outputs,
            ..FilterOptions::default()
        })
        .unwrap()
    }

    fn taken(filter: &Filter, names: &[&'static str]) -> Vec<&'static str> {
        let root = Path::new("/in");
        names.iter().copied().filter(|name| filter.takes(root, &root.join(name))).collect()
    }

    #[test]
    fn images_are_taken_but_no_hidden_temporary_or_own_files() {
        let names = [
            "a.jpg",
            "b/c.JPEG",
            "d.TIF",
            "notes.txt",
            "jpg",
            ".a.jpg",
            ".cache/a.jpg",
            "a.jpg.part",
            "a.jpg~",
            "~a.jpg",
            "x.tmp/a.jpg",
            "safari.download/a.jpg",
            "a.crdownload",
            ".giqa-1.jpg",
            "out/a.jpg",
            "report.jpg",
            "outer/a.jpg",
        ];
        assert_eq!(taken(&Filter::default(), &["a.jpg", "notes.txt"]), ["a.jpg"]);
        assert_eq!(taken(&filter(&[], &[]), &names), ["a.jpg", "b/c.JPEG", "d.TIF", "outer/a.jpg"]);
    }

    #[test]
    fn hidden_folders_above_the_root_do_not_matter() {
        let root = Path::new("/home/me/.photos");
        assert!(Filter::default().takes(root, &root.join("a.jpg")));
        assert!(Filter::default().takes_dir(root, root));
    }

    #[test]
    fn globs_are_relative_to_the_root() {
        let names = ["a.jpg", "b.png", "raw/a.jpg", "2024/raw/a.jpg", "2024/x/raw/b.JPG", "2024/c.jpg"];
        let only = |include: &[&str], exclude: &[&str]| taken(&filter(include, exclude), &names);
        assert_eq!(only(&["*.jpg"], &["raw"]), ["a.jpg", "2024/c.jpg"], "names at any depth");
        assert_eq!(only(&["2024/*.jpg"], &[]), ["2024/c.jpg"], "`*` stays within a folder");
        assert_eq!(only(&["/*.{jpg,png}"], &[]), ["a.jpg", "b.png"], "a leading slash is the root");
        assert_eq!(only(&["2024/**"], &["2024/**/raw/"]), ["2024/c.jpg"], "an excluded folder takes all with it");
        let rejects = filter(&[], &["raw/**"]);
        assert!(rejects.takes_dir(Path::new("/in"), Path::new("/in/2024")));
    }

    #[test]
    fn a_bad_glob_is_named() {
        let options = FilterOptions { exclude: vec!["ok".into(), "a[b".into()], ..FilterOptions::default() };
        let said = Filter::new(&options).unwrap_err().to_string();
        assert!(said.starts_with("exclude = \"a[b\" is not a glob: unclosed character class"), "{said}");
    }
}
