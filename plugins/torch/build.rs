//! Tells the linker where libtorch lies, so that the built plugin finds it at run time.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // From torch-sys' build script, by way of `links = "tch"`; absent without libtorch and with `doc-only`.
    println!("cargo:rerun-if-env-changed=DEP_TCH_LIBTORCH_LIB");
    let Ok(lib) = std::env::var("DEP_TCH_LIBTORCH_LIB") else { return };
    if !cfg!(unix) {
        return;
    }
    // Beside the plugin first, for copies that are carried to another machine; then where it was built.
    for place in ["$ORIGIN/libtorch/lib", lib.as_str()] {
        println!("cargo:rustc-link-arg=-Wl,-rpath,{place}");
    }
}
