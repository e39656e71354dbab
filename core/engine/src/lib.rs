//! One image: decode, propose, measure, ground, report. Many images at once.
