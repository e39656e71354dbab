//! Tensor names. The same model is published under three layouts (haotian-liu's original, llava-hf, and what
//! transformers 5 uses in its code); here they become one.

/// Beginnings of names and what they become; the first that fits is taken. Longer ones stand before their own
/// beginnings.
const PREFIXES: [(&str, &str); 17] = [
    // The language model: llava-hf, transformers 5, original.
    ("language_model.lm_head.", "lm_head."),
    ("language_model.model.", "language_model."),
    ("language_model.", "language_model."),
    ("model.language_model.", "language_model."),
    ("model.layers.", "language_model.layers."),
    ("model.embed_tokens.", "language_model.embed_tokens."),
    ("model.norm.", "language_model.norm."),
    // The vision tower: original, transformers 5, llava-hf, openai/clip.
    ("model.vision_tower.vision_tower.vision_model.", "vision_tower."),
    ("model.vision_tower.vision_model.", "vision_tower."),
    ("model.vision_tower.", "vision_tower."),
    ("vision_tower.vision_model.", "vision_tower."),
    ("vision_model.", "vision_tower."),
    // The projector and the end of a row of features.
    ("model.mm_projector.0.", "multi_modal_projector.linear_1."),
    ("model.mm_projector.2.", "multi_modal_projector.linear_2."),
    ("model.multi_modal_projector.", "multi_modal_projector."),
    ("model.image_newline", "image_newline"),
    ("model.lm_head.", "lm_head."),
];

/// The name under which a model asks for the tensor.
#[must_use]
pub fn canonical(name: &str) -> String {
    let fits = |(from, to): &(&str, &str)| name.strip_prefix(from).map(|rest| format!("{to}{rest}"));
    PREFIXES.iter().find_map(fits).unwrap_or_else(|| name.to_owned())
}

/// Whether nothing is lost when nobody asks for the tensor (a canonical name): tables that are computed, and parts of
/// CLIP that LLaVA has no use for.
#[must_use]
pub fn is_dispensable(name: &str) -> bool {
    const PARTS: [&str; 2] = ["rotary_emb.", "position_ids"];
    const STARTS: [&str; 5] =
        ["vision_tower.post_layernorm.", "text_model.", "logit_scale", "text_projection.", "visual_projection."];
    PARTS.iter().any(|part| name.contains(part)) || STARTS.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_layouts_are_one() {
        let layouts = [
            [
                "model.layers.0.mlp.up_proj.weight",
                "language_model.model.layers.0.mlp.up_proj.weight",
                "model.language_model.layers.0.mlp.up_proj.weight",
            ],
            ["lm_head.weight", "language_model.lm_head.weight", "lm_head.weight"],
            [
                "model.vision_tower.vision_tower.vision_model.pre_layrnorm.bias",
                "vision_tower.vision_model.pre_layrnorm.bias",
                "model.vision_tower.pre_layrnorm.bias",
            ],
            [
                "model.mm_projector.2.bias",
                "multi_modal_projector.linear_2.bias",
                "model.multi_modal_projector.linear_2.bias",
            ],
            ["model.image_newline", "image_newline", "model.image_newline"],
            [
                "model.embed_tokens.weight",
                "language_model.model.embed_tokens.weight",
                "model.language_model.embed_tokens.weight",
            ],
            ["model.norm.weight", "language_model.model.norm.weight", "model.language_model.norm.weight"],
        ];
        for [original, hf, code] in layouts {
            assert_eq!(canonical(original), canonical(hf), "{original}");
            assert_eq!(canonical(hf), canonical(code), "{hf}");
            assert_eq!(canonical(&canonical(hf)), canonical(hf), "a canonical name stays");
        }
    }

    #[test]
    fn what_may_be_left_over() {
        assert!(is_dispensable(&canonical("model.layers.3.self_attn.rotary_emb.inv_freq")));
        assert!(is_dispensable(&canonical("vision_model.post_layernorm.bias")));
        assert!(!is_dispensable(&canonical("model.layers.3.self_attn.q_proj.weight")));
    }
}
