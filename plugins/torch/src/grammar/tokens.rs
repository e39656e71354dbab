//! The grammar on tokens: which of a vocabulary may follow in each state.

use super::State;

/// A character that the grammar can't do without and that no token stands for alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no token is just '{0}'")]
pub struct Missing(pub char);

/// A vocabulary as a tree of characters, so that tokens with a forbidden beginning are left out at once.
pub struct Tokens {
    nodes: Vec<Node>,
    /// The text of each token; `None` for those that are never written.
    texts: Vec<Option<String>>,
}

#[derive(Default)]
struct Node {
    children: Vec<(char, u32)>,
    /// The tokens that end here.
    ids: Vec<i64>,
}

/// What any span can be closed with. 0 is a label of its own as well.
const NEEDED: &str = "](<,>)0123456789";

impl Tokens {
    /// Of the text that each id adds to an answer: nothing for the tokens that end it, `None` for those that must not be
    /// written at all.
    ///
    /// # Errors
    /// A vocabulary in which a span can't always be closed.
    pub fn new(texts: Vec<Option<String>>) -> Result<Self, Missing> {
        let mut nodes = vec![Node::default()];
        for (id, text) in texts.iter().enumerate() {
            let Some(text) = text else { continue };
            let mut at = 0;
            for c in text.chars() {
                let next = nodes.len();
                let children = &mut nodes[at].children;
                at = match children.iter().find(|child| child.0 == c) {
                    Some(&(_, child)) => child as usize,
                    None => {
                        children.push((c, next as u32));
                        nodes.push(Node::default());
                        next
                    }
                };
            }
            nodes[at].ids.push(id as i64);
        }
        let tokens = Self { nodes, texts };
        let alone = |c: char| tokens.nodes[0].children.iter().find(|child| child.0 == c);
        for c in NEEDED.chars() {
            if alone(c).is_none_or(|&(_, node)| tokens.nodes[node as usize].ids.is_empty()) {
                return Err(Missing(c));
            }
        }
        Ok(tokens)
    }

    /// How many ids there are, those that are never written among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// The text of a token that may be written.
    #[must_use]
    pub fn text(&self, id: i64) -> Option<&str> {
        self.texts.get(usize::try_from(id).ok()?)?.as_deref()
    }

    /// The state behind a token; `None` where it is forbidden.
    #[must_use]
    pub fn behind(&self, state: State, id: i64) -> Option<State> {
        self.text(id)?.chars().try_fold(state, State::step)
    }

    /// The tokens that may be written in a state and behind which at most `left` characters are missing to the end of a
    /// span. Never empty, if as many are missing now, and one more. A token without text may stand in plain text alone.
    #[must_use]
    pub fn allowed(&self, state: State, left: usize) -> Vec<i64> {
        let mut allowed = Vec::new();
        if state == State::Prose {
            allowed.extend(&self.nodes[0].ids);
        }
        let mut open = vec![(0_u32, state)];
        while let Some((node, state)) = open.pop() {
            for &(c, child) in &self.nodes[node as usize].children {
                let Some(state) = state.step(c) else { continue };
                if state.left() <= left {
                    allowed.extend(&self.nodes[child as usize].ids);
                }
                open.push((child, state));
            }
        }
        allowed
    }
}
