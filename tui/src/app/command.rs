//! What a person can ask for. Keys, palette, footer and help are made of this one table.

use serde::{Deserialize, Serialize};

/// Where a command means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Context {
    /// Everywhere but in a field of text.
    Global,
    /// What is going on.
    Live,
    /// All photos.
    Library,
    /// One photo.
    Photo,
    /// Questions about it.
    Ask,
    /// Two profiles on it.
    Compare,
    /// What inspects.
    Plugins,
    /// A box that is drawn with keys.
    Box,
    /// A field of text.
    Field,
    /// Something that lies over the screen.
    Popup,
}

impl Context {
    /// All, in the order of the help.
    pub const ALL: [Self; 10] = [
        Self::Global,
        Self::Live,
        Self::Library,
        Self::Photo,
        Self::Ask,
        Self::Compare,
        Self::Plugins,
        Self::Box,
        Self::Field,
        Self::Popup,
    ];

    /// Its name, in the file of keys and in the help.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Live => "live",
            Self::Library => "library",
            Self::Photo => "photo",
            Self::Ask => "ask",
            Self::Compare => "compare",
            Self::Plugins => "plugins",
            Self::Box => "box",
            Self::Field => "field",
            Self::Popup => "popup",
        }
    }
}

macro_rules! commands {
    ($($command:ident $name:literal $what:literal;)*) => {
        /// Something that a person can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Command {
            $(#[doc = $what] $command,)*
        }

        impl Command {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$command,)*];

            /// Its name in the file of keys and in the palette.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$command => $name,)* }
            }

            /// What it does, in a few words.
            #[must_use]
            pub fn what(self) -> &'static str {
                match self { $(Self::$command => $what,)* }
            }
        }
    };
}

commands! {
    Quit "quit" "leave giqa";
    QuitNow "quit-now" "leave at once, whatever is open";
    Back "back" "close what is open, go back";
    Help "help" "all keys";
    Palette "palette" "find a command by name";
    Log "log" "what happened: warnings and notes; with -v what plugins print";
    Live "live" "what is going on";
    Library "library" "all photos";
    Photo "photo" "the photo under the cursor";
    Ask "ask" "ask about the photo";
    Compare "compare" "two profiles on the photo";
    Plugins "plugins" "what inspects";
    Suspend "suspend" "back to the shell for a while (fg returns)";
    Redraw "redraw" "draw everything anew";
    Theme "theme" "next theme";
    Mouse "mouse" "switch the mouse on or off; off, the terminal selects text";
    Pictures "pictures" "switch pictures on or off";
    Up "up" "up";
    Down "down" "down";
    Left "left" "left";
    Right "right" "right";
    PageUp "page-up" "a page up";
    PageDown "page-down" "a page down";
    First "first" "to the first";
    Last "last" "to the last";
    Open "open" "open";
    Filter "filter" "filter: words, level:poor, verdict:reject, fault:noise>0.5, score<40, ...";
    ClearFilter "clear-filter" "show everything again";
    Sort "sort" "sort by the next of: time, score, faults, name, taken";
    SortMetric "sort-metric" "sort by a metric";
    Reverse "reverse" "turn the order around";
    Grid "grid" "table or thumbnails";
    Bursts "bursts" "gather bursts";
    Expand "expand" "open or close the burst";
    Mark "mark" "mark the photo";
    MarkAll "mark-all" "mark all that are shown, or none";
    Accept "accept" "verdict by hand: accept";
    Review "review" "verdict by hand: review";
    Reject "reject" "verdict by hand: reject";
    TakeBack "take-back" "take the verdict by hand back";
    Note "note" "write a note";
    Undo "undo" "undo what rules did to the photo";
    Confirm "confirm" "carry out the actions that wait to be confirmed";
    Refuse "refuse" "drop the actions that wait to be confirmed";
    NextPhoto "next-photo" "the next photo";
    PreviousPhoto "previous-photo" "the photo before";
    NextMark "next-mark" "the next numbered place";
    PreviousMark "previous-mark" "the numbered place before";
    Boxes "boxes" "boxes on or off";
    Heat "heat" "heat map of the next attribute";
    Fit "fit" "all of the picture";
    OneToOne "one-to-one" "one pixel of the photo a pixel";
    ZoomIn "zoom-in" "larger";
    ZoomOut "zoom-out" "smaller";
    ZoomBox "zoom-box" "zoom to the selected place";
    PanLeft "pan-left" "move the view left";
    PanRight "pan-right" "move the view right";
    PanUp "pan-up" "move the view up";
    PanDown "pan-down" "move the view down";
    Before "before" "the stored run before, side by side in words";
    Question "question" "type a question";
    DrawBox "draw-box" "draw a box to ask about";
    BoxWider "box-wider" "wider";
    BoxNarrower "box-narrower" "narrower";
    BoxTaller "box-taller" "taller";
    BoxShorter "box-shorter" "shorter";
    BoxDone "box-done" "ask about this box";
    PickLeft "pick-left" "profile on the left";
    PickRight "pick-right" "profile on the right";
    UseProfile "use-profile" "inspect with another profile";
    Toggle "toggle" "switch the component on or off";
    Restart "restart" "start the plugins anew";
    Submit "submit" "take it";
    Clear "clear" "empty the field";
}

impl Command {
    /// The command of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|c| c.name() == name)
    }
}
