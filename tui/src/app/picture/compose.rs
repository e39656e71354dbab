//! The picture as it will be seen: the part of the photo, the heat, the marks.

use super::geometry::Layout;
use super::scale::{Raster, cut};
use super::scene::Overlay;
use giqa_engine::overlay::{Canvas, HeatMap, Look, burn_part, tint};

/// Strokes are measured in pixels of the terminal, so everything is drawn after scaling.
pub(super) fn compose(photo: Raster<'_>, layout: &Layout, overlay: &Overlay) -> Result<Canvas, String> {
    let part = layout.placement.part;
    let mut canvas = cut(photo, part, layout.pixels)?;
    if let Some(heat) = &overlay.heat {
        tint(&mut canvas, part, &HeatMap { columns: heat.columns, rows: heat.rows, values: &heat.values });
    }
    burn_part(&mut canvas, &overlay.marks, &Look { part, selected: overlay.selected, drawn: overlay.drawn });
    Ok(canvas)
}
