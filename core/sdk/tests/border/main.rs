//! A plugin's table, driven through the C ABI by a small host of its own: no libraries, no processes, no files.
//!
//! Made for Miri: `cargo +nightly miri test -p giqa-sdk --test border`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests, outside of the test functions")]

mod host;
mod probe;

use giqa_abi::{
    GIQA_ALL_ITEMS, GIQA_BAD_CONFIG, GIQA_BAD_REQUEST, GIQA_CANCELLED, GIQA_EMIT_ERROR, GIQA_EMIT_MAP,
    GIQA_EMIT_RESULT, GIQA_EMIT_TOKEN, GIQA_FAILED, GIQA_LOG_INFO, GIQA_OK, GIQA_PANICKED, GiqaHost, GiqaImage,
    GiqaItem, GiqaPluginV1, GiqaStr,
};
use giqa_core::wire::map_from_bytes;
use giqa_sdk::Plugin;
use host::*;
use probe::*;
use serde_json::json;
use std::mem::{offset_of, size_of};
use std::ptr::{from_ref, null, null_mut};

#[test]
fn the_table_says_what_it_is() {
    assert_eq!(PROBE.struct_size as usize, size_of::<GiqaPluginV1>());
    assert_eq!((PROBE.abi_major, PROBE.abi_minor), (1, 0));
    // SAFETY: the manifest is a static; the name is lent for the call.
    unsafe {
        assert_eq!(string(PROBE.manifest), Probe::MANIFEST);
        assert!(PROBE.get_extension.unwrap()(GiqaStr::new("giqa.future")).is_null());
        PROBE.destroy.unwrap()(null_mut());
    }
}

#[test]
fn batches_of_none_one_and_three() {
    let host = Host::new();
    let sum = host.create("sum", "");
    assert_eq!(sum.run(&[]), (GIQA_OK, vec![]));
    let (column, row) = (image(1, 2, 3, &GREY), image(2, 1, 6, &GREY));
    assert_eq!(sum.run_one(Some(&column), ""), (GIQA_OK, vec![GIQA_OK]));
    assert_eq!(host.values(), [(0, 15.0)]);
    let (a, b) = (item(Some(&row), b"{}"), item(Some(&column), b""));
    assert_eq!(sum.run(&[&a, &b, &a]), (GIQA_OK, vec![GIQA_OK; 3]));
    assert_eq!(host.values()[1..], [(0, 9.0), (1, 15.0), (2, 9.0)]);
    assert_eq!(host.errors(), []);
}

#[test]
fn a_panic_costs_its_item_alone() {
    let host = Host::new();
    let sum = host.create("sum", "{}");
    let (grey, red) = (image(1, 2, 3, &GREY), image(1, 2, 3, &RED));
    let (good, bad) = (item(Some(&grey), b""), item(Some(&red), b""));
    assert_eq!(sum.run(&[&good, &bad, &good]), (GIQA_OK, vec![GIQA_OK, GIQA_PANICKED, GIQA_OK]));
    assert_eq!(host.values(), [(0, 15.0), (2, 15.0)]);
    assert_eq!(host.errors(), [(1, "panicked".to_owned())]);
    assert!(host.payloads(GIQA_EMIT_ERROR)[0].1["message"].as_str().unwrap().contains("a red picture"));
    // The instance goes on.
    assert_eq!(sum.run(&[&good]), (GIQA_OK, vec![GIQA_OK]));
    assert_eq!(sum.run(&[&bad]), (GIQA_OK, vec![GIQA_PANICKED]));
}

#[test]
fn what_can_not_be_made_is_told() {
    for (name, config, status, code) in [
        (&b"sum"[..], &b"{\"mode\": "[..], GIQA_BAD_CONFIG, "bad-config"),
        (b"sum", b"{\"mode\": 3}", GIQA_BAD_CONFIG, "bad-config"),
        (b"sum", b"\xFF", GIQA_BAD_CONFIG, "bad-config"),
        (b"\xFF\xFE", b"{}", GIQA_BAD_CONFIG, "bad-config"),
        (b"summ", b"{}", GIQA_BAD_REQUEST, "bad-request"),
        (b"", b"", GIQA_BAD_REQUEST, "bad-request"),
        (b"sum", b"{\"mode\": \"create\"}", GIQA_PANICKED, "panicked"),
    ] {
        let host = Host::new();
        assert_eq!(host.try_create(name, config).err(), Some(status));
        assert_eq!(host.errors(), [(GIQA_ALL_ITEMS, code.to_owned())]);
    }
}

#[test]
fn items_that_can_not_be_read_fail_alone() {
    let host = Host::new();
    let sum = host.create("sum", "");
    let grey = image(1, 2, 3, &GREY);
    let good = item(Some(&grey), b"");
    let unreadable = |image: GiqaImage| assert_eq!(sum.run_one(Some(&image), "").1, [GIQA_BAD_REQUEST]);
    let no_image = item(None, b"");
    assert_eq!(sum.run(&[null(), &good, &no_image]), (GIQA_OK, vec![GIQA_BAD_REQUEST, GIQA_OK, GIQA_BAD_REQUEST]));
    assert_eq!(host.errors(), [(0, "bad-request".to_owned()), (2, "bad-request".to_owned())]);
    assert_eq!(sum.run(&[&GiqaItem { struct_size: 8, ..good }]).1, [GIQA_BAD_REQUEST]);
    assert_eq!(sum.run_one(Some(&grey), "{\"map\": 3}").1, [GIQA_BAD_REQUEST]);
    assert_eq!(sum.run_one(Some(&grey), "not JSON").1, [GIQA_BAD_REQUEST]);
    unreadable(GiqaImage { format: 2, ..grey });
    unreadable(GiqaImage { colour_space: 0, ..grey });
    unreadable(GiqaImage { struct_size: 40, ..grey });
    unreadable(GiqaImage { width: 0, ..grey });
    unreadable(GiqaImage { height: 0, ..grey });
    unreadable(GiqaImage { data: null(), ..grey });
    unreadable(GiqaImage { stride: 2, ..grey });
    // Refused before the pixels are touched.
    unreadable(GiqaImage { height: u32::MAX, stride: isize::MIN, ..grey });
    unreadable(GiqaImage { height: u32::MAX, stride: isize::MAX, ..grey });
    let broken = GiqaImage { format: 0, ..grey };
    assert_eq!(sum.run(&[&GiqaItem { reference: &broken, ..good }]).1, [GIQA_BAD_REQUEST]);
    assert_eq!(host.values(), [(1, 15.0)]);
}

#[test]
fn rows_may_be_padded_and_go_upwards() {
    let host = Host::new();
    let sum = host.create("sum", "");
    // Two rows of one pixel; the gap holds 200 and the last row ends where its pixels end.
    let bytes = [1, 1, 1, 200, 200, 2, 2, 2];
    let (down, up) = (image(1, 2, 5, &bytes), image(1, 2, -5, &bytes));
    let (a, b) = (item(Some(&down), b""), item(Some(&up), b""));
    assert_eq!(sum.run(&[&a, &b]), (GIQA_OK, vec![GIQA_OK; 2]));
    assert_eq!(host.values(), [(0, 15.0), (1, 12.0)]);
    let both = GiqaItem { reference: &up, ..a };
    assert_eq!(sum.run(&[&both]).1, [GIQA_OK]);
    assert_eq!(host.payloads(GIQA_EMIT_RESULT)[2].1, json!({"value": 15.0, "details": {"reference": 12.0}}));
}

#[test]
fn a_call_that_is_cancelled_before_it_begins_does_nothing() {
    let host = Host::cancelling_after(0);
    let sum = host.create("sum", "");
    let grey = image(1, 2, 3, &GREY);
    let good = item(Some(&grey), b"");
    assert_eq!(sum.run(&[&good, &good]), (GIQA_CANCELLED, vec![GIQA_CANCELLED; 2]));
    assert_eq!(host.errors(), [(0, "cancelled".to_owned()), (1, "cancelled".to_owned())]);
    assert!(host.values().is_empty() && host.record.lock().unwrap().progress.is_empty());
}

#[test]
fn cancelling_in_the_middle_keeps_what_is_done() {
    // One question at the start, one with each progress: the second item hears "stop".
    let host = Host::cancelling_after(2);
    let sum = host.create("sum", "");
    let grey = image(1, 2, 3, &GREY);
    let good = item(Some(&grey), b"");
    assert_eq!(sum.run(&[&good, &good]), (GIQA_CANCELLED, vec![GIQA_OK, GIQA_CANCELLED]));
    assert_eq!(host.values(), [(0, 15.0)]);
}

#[test]
fn the_watch_carries_the_hosts_wish_to_stop() {
    let host = Host::cancelling_after(3);
    let teller = host.create("teller", r#"{"mode": "waits"}"#);
    let request = r#"{"request": {"task": "complete", "prompt": "a b"}}"#;
    assert_eq!(teller.run_one(None, request), (GIQA_CANCELLED, vec![GIQA_CANCELLED]));
}

#[test]
fn progress_and_log_lines_reach_the_host() {
    let host = Host::new();
    let sum = host.create("sum", "");
    let grey = image(1, 2, 3, &GREY);
    sum.run_one(Some(&grey), "");
    // After the call nobody listens.
    tracing::info!("nobody hears this");
    let record = host.record.lock().unwrap();
    assert_eq!(record.progress, [(0.5, "half".to_owned())]);
    assert_eq!(record.log, [(GIQA_LOG_INFO, "border::probe".to_owned(), "summing n=1".to_owned())]);
}

#[test]
fn models_complete_without_a_picture_and_stream() {
    let host = Host::new();
    let teller = host.create("teller", "{}");
    let request = r#"{"request": {"task": "complete", "prompt": "two words"}}"#;
    assert_eq!(teller.run_one(None, request), (GIQA_OK, vec![GIQA_OK]));
    assert_eq!(host.payloads(GIQA_EMIT_RESULT)[0].1["text"]["text"], "two words");
    let tokens: Vec<_> =
        host.record.lock().unwrap().emitted.iter().filter(|e| e.1 == GIQA_EMIT_TOKEN).map(|e| e.2.clone()).collect();
    assert_eq!(tokens, [b"two ".to_vec(), b"words".to_vec()]);
    // A description needs its picture, and a model its request.
    let describe = r#"{"request": {"task": "describe"}}"#;
    assert_eq!(teller.run_one(None, describe).1, [GIQA_BAD_REQUEST]);
    assert_eq!(teller.run_one(None, "").1, [GIQA_BAD_REQUEST]);
    let grey = image(1, 2, 3, &GREY);
    assert_eq!(teller.run_one(Some(&grey), describe).1, [GIQA_OK]);
    assert_eq!(host.payloads(GIQA_EMIT_RESULT)[1].1["text"]["spans"].as_array().map(Vec::len), Some(1));
}

#[test]
fn proposers_hear_phrases_and_know_their_directory() {
    let host = Host::new();
    let corner = host.create("corner", "");
    let grey = image(1, 2, 3, &GREY);
    let (plain, asked) = (item(Some(&grey), b""), item(Some(&grey), br#"{"phrases": ["sky"]}"#));
    assert_eq!(corner.run(&[&plain, &asked]), (GIQA_OK, vec![GIQA_OK; 2]));
    let names: Vec<_> =
        host.payloads(GIQA_EMIT_RESULT).into_iter().map(|(_, r)| r["regions"][0]["name"].clone()).collect();
    assert_eq!(names, ["/cache/probe", "sky"]);
}

#[test]
fn maps_go_before_their_result() {
    let host = Host::new();
    let sum = host.create("sum", "");
    let grey = image(1, 2, 3, &GREY);
    assert_eq!(sum.run_one(Some(&grey), r#"{"map": true}"#).1, [GIQA_OK]);
    let record = host.record.lock().unwrap();
    let kinds: Vec<_> = record.emitted.iter().map(|e| (e.0, e.1)).collect();
    assert_eq!(kinds, [(0, GIQA_EMIT_MAP), (0, GIQA_EMIT_RESULT)]);
    let map = map_from_bytes(&record.emitted[0].2).unwrap();
    assert_eq!((map.cols(), map.rows(), map.values()[0], map.values()[1].is_nan()), (2, 1, 0.5, true));
}

#[test]
fn a_wrong_number_of_results_is_an_error_for_each_item() {
    let host = Host::new();
    let sum = host.create("sum", r#"{"mode": "none"}"#);
    let grey = image(1, 2, 3, &GREY);
    let good = item(Some(&grey), b"");
    assert_eq!(sum.run(&[&good, &good]), (GIQA_OK, vec![GIQA_FAILED; 2]));
    assert_eq!(host.errors(), [(0, "garbage".to_owned()), (1, "garbage".to_owned())]);
}

#[test]
fn a_host_that_refuses_a_result_is_told_by_the_status() {
    let host = Host::new();
    let sum = host.create("sum", "");
    let grey = image(1, 2, 3, &GREY);
    host.record.lock().unwrap().refuses = true;
    assert_eq!(sum.run_one(Some(&grey), ""), (GIQA_OK, vec![GIQA_FAILED]));
}

#[test]
fn a_destructor_that_panics_ends_nobody() {
    let host = Host::new();
    drop(host.create("sum", r#"{"mode": "drop"}"#));
}

#[test]
fn a_host_may_offer_no_functions() {
    let host = Host::new();
    let sum = host.create("sum", "");
    let bare =
        GiqaHost { log: None, cancelled: None, progress: None, directory: None, get_service: None, ..host.table() };
    let grey = image(1, 2, 3, &GREY);
    let good = item(Some(&grey), b"");
    let (items, mut status) = ([from_ref(&good)], i32::MIN);
    // SAFETY: a live instance; all that is lent lives until the calls return.
    unsafe {
        assert_eq!(PROBE.run.unwrap()(sum.instance, &bare, items.as_ptr(), 1, &mut status), GIQA_OK);
        assert_eq!(status, GIQA_OK);
        let mute = GiqaHost { emit: None, ..bare };
        assert_eq!(PROBE.run.unwrap()(sum.instance, &mute, items.as_ptr(), 1, &mut status), GIQA_OK);
        assert_eq!(status, GIQA_FAILED);
    }
    assert_eq!(host.values(), [(0, 15.0)]);
}

#[test]
fn hosts_that_are_null_or_too_small_are_refused() {
    let host = Host::new();
    let sum = host.create("sum", "");
    let grey = image(1, 2, 3, &GREY);
    let good = item(Some(&grey), b"");
    let (items, mut status, mut instance) = ([from_ref(&good)], i32::MIN, null_mut());
    let (create, run) = (PROBE.create.unwrap(), PROBE.run.unwrap());
    let whole = host.table();
    let small = GiqaHost { struct_size: offset_of!(GiqaHost, get_service) as u32, ..host.table() };
    for host in [null(), from_ref(&small)] {
        // SAFETY: null, or all that is lent lives until the calls return.
        unsafe {
            assert_eq!(create(host, GiqaStr::new("sum"), GiqaStr::EMPTY, &mut instance), GIQA_BAD_REQUEST);
            assert_eq!(run(sum.instance, host, items.as_ptr(), 1, &mut status), GIQA_BAD_REQUEST);
        }
    }
    assert!(instance.is_null() && status == i32::MIN);
    // SAFETY: as above; the border refuses null where it needs something.
    unsafe {
        assert_eq!(create(&whole, GiqaStr::new("sum"), GiqaStr::EMPTY, null_mut()), GIQA_BAD_REQUEST);
        assert_eq!(run(null_mut(), &whole, items.as_ptr(), 1, &mut status), GIQA_BAD_REQUEST);
        assert_eq!(run(sum.instance, &whole, null(), 1, &mut status), GIQA_BAD_REQUEST);
        assert_eq!(run(sum.instance, &whole, items.as_ptr(), 1, null_mut()), GIQA_BAD_REQUEST);
        assert_eq!(run(sum.instance, &whole, null(), 0, null_mut()), GIQA_OK);
    }
    assert!(host.values().is_empty() && status == i32::MIN);
}
