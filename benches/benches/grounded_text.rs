//! How fast grounded text is read, beside a bare scan of the same bytes.
//!
//! `cargo bench -p giqa-benches --bench grounded_text`. Target: over 100 MB/s on descriptions dense with spans, so
//! that reading a data set of 160,000 of them (about 100 MB) takes a second.

#![allow(missing_docs, reason = "criterion_group! writes undocumented functions")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use giqa_core::Grid;
use giqa_core::text::{ParseOptions, parse, print};
use std::hint::black_box;

const BYTES: usize = 1_000_000;

/// In the manner of the paper's descriptions: a span about every 60 bytes.
const DESCRIPTION: &str = "The image shows a harbour at dusk. The [tower](<35, 319>) on the right is sharp and well \
    exposed, while the [water surface](<160, 299>) suffers from noise. The [boats](<121, 184>, <205, 269>) in front \
    are blurred by motion, and the [sky](<0, 139>) is overexposed with visible banding. Overall, the [lanterns on \
    the pier](<262, 303>) keep their colour, so the quality of the image is fair.\n";
const PROSE: &str = "The image shows a harbour at dusk. The tower on the right is sharp and well exposed, while the \
    water surface suffers from noise. The boats in front are blurred by motion, and the sky is overexposed with \
    visible banding. Overall, the lanterns on the pier keep their colour, so the quality of the image is fair.\n";
const MIXED: &str = "The [tower](<35, 319>) is sharp, the [sky][0.000,0.000,1.000,0.350] noisy, a boat \
    [0.125,0.250,0.375,0.500] blurred. <ref>the pier</ref><box>(125,250),(375,500)</box> is fair, \
    lanterns<loc_125><loc_250><loc_375><loc_500> glow; see [the paper](https://arxiv.org/abs/2411.17237).\n\
    ```json\n[{\"bbox_2d\": [125, 250, 375, 500], \"label\": \"boat\"}]\n```\n";

fn throughput(c: &mut Criterion) {
    let options = ParseOptions::default();
    for (name, piece) in [("descriptions", DESCRIPTION), ("prose", PROSE), ("mixed", MIXED)] {
        let text = piece.repeat(BYTES / piece.len() + 1);
        let mut group = c.benchmark_group(format!("grounded_text/{name}"));
        group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
        group.bench_function("parse", |b| b.iter(|| parse(black_box(&text), &options)));
        let parsed = parse(&text, &options).text;
        group.bench_function("print", |b| b.iter(|| print(black_box(&parsed), Grid::GIQA)));
        // The limits: reading every character once, and copying the text.
        group.bench_function("limit: char_indices", |b| {
            b.iter(|| {
                black_box(&text).char_indices().filter(|(_, c)| matches!(c, '[' | ']' | '<' | '{' | '\\')).count()
            })
        });
        group
            .bench_function("limit: from_utf8", |b| b.iter(|| std::str::from_utf8(black_box(text.as_bytes())).is_ok()));
        group.bench_function("limit: copy", |b| b.iter(|| black_box(&text).clone()));
        group.finish();
    }
}

criterion_group!(benches, throughput);
criterion_main!(benches);
