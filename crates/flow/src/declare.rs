//! What a kind of step says about itself: its fields, ways and words. Panels, checks, autocomplete and documentation are
//! made from it, so that a kind is described in one place only.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::steps::Behaviour;

/// Longest text of a field, in characters.
pub(crate) const MAX_TEXT_CHARS: u32 = 16_000;

/// What a value is, as far as it is known before anything runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FlowVariableType)]
pub enum VarType {
    #[default]
    Any,
    Text,
    Number,
    YesNo,
    /// `2026-03-01`.
    Date,
    /// `15:30`.
    Time,
    List,
    Object,
    File,
    Location,
}

impl VarType {
    /// Whether a value of this type may stand where `wanted` is expected.
    pub(crate) fn fits(self, wanted: VarType) -> bool {
        use VarType::{Any, Date, Number, Text, Time, YesNo};
        self == wanted
            || matches!((self, wanted), (Any, _) | (_, Any) | (Number | Date | Time | YesNo, Text))
            // A text may hold a number; only what can never fit is a mistake.
            || matches!((self, wanted), (Text, Number | Date | Time | YesNo))
    }

    /// How an owner calls it.
    pub(crate) fn words(self) -> &'static str {
        match self {
            VarType::Any => "anything",
            VarType::Text => "a text",
            VarType::Number => "a number",
            VarType::YesNo => "yes or no",
            VarType::Date => "a date",
            VarType::Time => "a time",
            VarType::List => "a list",
            VarType::Object => "a group of values",
            VarType::File => "a file",
            VarType::Location => "a place",
        }
    }
}

/// Where the palette shows a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = FlowKindGroup)]
pub enum Group {
    Triggers,
    Messages,
    Questions,
    Ai,
    Logic,
    Data,
    Actions,
}

/// One of the values that a field may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FlowFieldOption)]
pub struct Choose {
    pub value: &'static str,
    pub label: &'static str,
}

/// How a field is filled in.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[serde(tag = "input", rename_all = "snake_case")]
#[schema(as = FlowInput)]
pub enum Input {
    /// Text in which expressions may stand.
    Words {
        max: u32,
        lines: u32,
    },
    /// Text without expressions.
    Plain {
        max: u32,
        lines: u32,
    },
    /// An expression that gives a value.
    Value {
        of: VarType,
    },
    /// The name of a variable that the step fills.
    Variable {
        of: VarType,
    },
    Number {
        min: f64,
        max: f64,
        whole: bool,
        unit: &'static str,
    },
    /// In milliseconds.
    Duration {
        min_ms: u64,
        max_ms: u64,
    },
    Toggle,
    Pick {
        options: &'static [Choose],
    },
    /// Plain texts.
    List {
        max: u32,
        noun: &'static str,
    },
    /// Comparisons that must all hold, and some of which one must.
    Rules,
    /// Things to pick.
    Choices {
        max: u32,
        descriptions: bool,
    },
    /// A list of small forms.
    Items {
        max: u32,
        noun: &'static str,
        #[schema(no_recursion)]
        fields: &'static [Field],
    },
    Media {
        kinds: &'static [&'static str],
    },
    /// A step of the same flow.
    Step,
    /// Another flow of the bot.
    Flow,
    Code {
        language: &'static str,
    },
    Json,
    /// Five fields: minute, hour, day, month, day of the week.
    Cron,
    Hours,
    /// Sources of the knowledge.
    Sources,
    /// The name of a secret of the business.
    Secret,
}

/// A field that shows only while another one has a certain value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FlowFieldCondition)]
pub struct ShownIf {
    pub field: &'static str,
    pub is: &'static [&'static str],
}

/// One field of a kind of step.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = FlowField)]
pub struct Field {
    pub name: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub required: bool,
    pub input: Input,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_if: Option<ShownIf>,
    /// Whether `secret.…` may be read here.
    #[serde(skip)]
    pub secrets: bool,
}

impl Field {
    /// A field of any kind of input; its name comes from [`fields!`].
    pub(crate) const fn new(label: &'static str, help: &'static str, input: Input) -> Field {
        Field { name: "", label, help, required: false, input, shown_if: None, secrets: false }
    }

    pub(crate) const fn words(label: &'static str, help: &'static str) -> Field {
        Field::new(label, help, Input::Words { max: MAX_TEXT_CHARS, lines: 3 })
    }

    /// One line with expressions.
    pub(crate) const fn line(label: &'static str, help: &'static str) -> Field {
        Field::new(label, help, Input::Words { max: 2_000, lines: 1 })
    }

    pub(crate) const fn plain(label: &'static str, help: &'static str, max: u32) -> Field {
        Field::new(label, help, Input::Plain { max, lines: 1 })
    }

    pub(crate) const fn value(label: &'static str, help: &'static str, of: VarType) -> Field {
        Field::new(label, help, Input::Value { of })
    }

    pub(crate) const fn variable(label: &'static str, help: &'static str, of: VarType) -> Field {
        Field::new(label, help, Input::Variable { of })
    }

    pub(crate) const fn whole(
        label: &'static str,
        help: &'static str,
        min: f64,
        max: f64,
        unit: &'static str,
    ) -> Field {
        Field::new(label, help, Input::Number { min, max, whole: true, unit })
    }

    pub(crate) const fn number(label: &'static str, help: &'static str, min: f64, max: f64) -> Field {
        Field::new(label, help, Input::Number { min, max, whole: false, unit: "" })
    }

    pub(crate) const fn duration(label: &'static str, help: &'static str, min_ms: u64, max_ms: u64) -> Field {
        Field::new(label, help, Input::Duration { min_ms, max_ms })
    }

    pub(crate) const fn toggle(label: &'static str, help: &'static str) -> Field {
        Field::new(label, help, Input::Toggle)
    }

    pub(crate) const fn pick(label: &'static str, help: &'static str, options: &'static [Choose]) -> Field {
        Field::new(label, help, Input::Pick { options })
    }

    pub(crate) const fn list(label: &'static str, help: &'static str, max: u32, noun: &'static str) -> Field {
        Field::new(label, help, Input::List { max, noun })
    }

    pub(crate) const fn items(
        label: &'static str,
        help: &'static str,
        max: u32,
        noun: &'static str,
        fields: &'static [Field],
    ) -> Field {
        Field::new(label, help, Input::Items { max, noun, fields })
    }

    pub(crate) const fn required(mut self) -> Field {
        self.required = true;
        self
    }

    pub(crate) const fn when(mut self, field: &'static str, is: &'static [&'static str]) -> Field {
        self.shown_if = Some(ShownIf { field, is });
        self
    }

    /// Lets the field read secrets; their values are put in only when the request leaves.
    pub(crate) const fn secrets(mut self) -> Field {
        self.secrets = true;
        self
    }
}

/// A way that may leave a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FlowBranch)]
pub struct Branch {
    pub name: &'static str,
    pub title: &'static str,
    /// Without it customers are left hanging.
    pub needed: bool,
}

/// A way, as `way("next", "Then")`.
pub(crate) const fn way(name: &'static str, title: &'static str) -> Branch {
    Branch { name, title, needed: false }
}

/// A way without which customers are left hanging.
pub(crate) const fn needed(name: &'static str, title: &'static str) -> Branch {
    Branch { name, title, needed: true }
}

pub(crate) const NEXT: Branch = way("next", "Then");
pub(crate) const FAILED: Branch = way("failed", "If it fails");

/// A variable that a step fills under a name of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FlowWritten)]
pub struct Written {
    pub name: &'static str,
    #[serde(rename = "type")]
    pub of: VarType,
}

/// What a channel does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = FlowChannelNote)]
pub struct ChannelNote {
    pub channel: &'static str,
    pub note: &'static str,
}

/// Reads a step's fields.
pub(crate) type Parse = fn(&Map<String, Value>) -> Result<Box<dyn Behaviour>, String>;

/// A kind of step. Made as a constant in the kind's folder: `Kind { name: "text", …, ..Kind::of::<Text>(…) }`.
#[derive(Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) name: &'static str,
    pub(crate) group: Group,
    pub(crate) title: &'static str,
    pub(crate) help: &'static str,
    pub(crate) fields: &'static [Field],
    pub(crate) branches: &'static [Branch],
    /// The field with a list whose items' ids are ways, too.
    pub(crate) branches_from: Option<&'static str>,
    /// It works with something outside of the program, which may fail.
    pub(crate) outside: bool,
    /// A flow begins here; nothing leads to it.
    pub(crate) entry: bool,
    /// A thread that comes by waits, or can come by only so often; questions and what works outside do so anyway.
    pub(crate) pauses: bool,
    pub(crate) writes: &'static [Written],
    /// Fields of the example, as JSON.
    pub(crate) example: &'static str,
    /// The example in a sentence.
    pub(crate) example_says: &'static str,
    pub(crate) channels: &'static [ChannelNote],
    pub(crate) parse: Parse,
    pub(crate) defaults: fn() -> Value,
}

/// Reads the fields of a step.
pub(crate) fn parse<T: Behaviour + serde::de::DeserializeOwned + 'static>(
    fields: &Map<String, Value>,
) -> Result<Box<dyn Behaviour>, String> {
    match T::deserialize(Value::Object(fields.clone())) {
        Ok(step) => Ok(Box::new(step)),
        Err(e) => Err(format!("A setting of this step cannot be read: {e}.")),
    }
}

/// The fields of a new step.
pub(crate) fn defaults<T: Default + Serialize>() -> Value {
    serde_json::to_value(T::default()).unwrap_or_default()
}

/// Declares a step's fields once: a struct for the engine, defaults, and the declaration for panels and checks.
macro_rules! fields {
    ($(#[$doc:meta])* pub(crate) struct $name:ident {
        $( $(#[$inner:meta])* $field:ident : $of:ty = $default:expr => $face:expr ),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default)]
        pub(crate) struct $name { $( $(#[$inner])* pub(crate) $field: $of ),* }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $field: $default ),* }
            }
        }

        impl $name {
            pub(crate) const FIELDS: &'static [$crate::declare::Field] =
                &[ $( $crate::declare::Field { name: stringify!($field), ..$face } ),* ];
        }
    };
}
pub(crate) use fields;

/// A kind whose fields and behaviour are those of `$of`; every property may be given.
macro_rules! kind {
    ($of:ty { $( $property:ident : $value:expr ),* $(,)? }) => {
        pub(crate) const KIND: $crate::declare::Kind = $crate::declare::Kind {
            $( $property: $value, )*
            ..$crate::declare::Kind {
                name: "", group: $crate::declare::Group::Logic, title: "", help: "", fields: <$of>::FIELDS,
                branches: &[$crate::declare::NEXT], branches_from: None, outside: false, entry: false, pauses: false, writes: &[],
                example: "{}", example_says: "", channels: &[],
                parse: $crate::declare::parse::<$of>, defaults: $crate::declare::defaults::<$of>,
            }
        };
    };
}
pub(crate) use kind;

/// A kind of step, for the editor.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = FlowKind)]
pub struct KindInfo {
    pub name: &'static str,
    pub group: Group,
    pub title: &'static str,
    pub help: &'static str,
    pub fields: Vec<Field>,
    pub branches: Vec<Branch>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub branches_from: Option<&'static str>,
    /// It works with something outside, which may fail; `failure` of a step says what happens then.
    pub outside: bool,
    /// A flow begins here; nothing leads to it.
    pub entry: bool,
    pub writes: Vec<Written>,
    /// The fields of a new step.
    #[schema(value_type = Object)]
    pub defaults: Value,
    #[schema(value_type = Object)]
    pub example: Value,
    /// The example in a sentence.
    pub example_says: &'static str,
    pub channels: Vec<ChannelNote>,
}

impl Kind {
    pub(crate) fn info(&self) -> KindInfo {
        KindInfo {
            name: self.name,
            group: self.group,
            title: self.title,
            help: self.help,
            fields: self.fields.to_vec(),
            branches: self.branches.to_vec(),
            branches_from: self.branches_from,
            outside: self.outside,
            entry: self.entry,
            writes: self.writes.to_vec(),
            defaults: (self.defaults)(),
            example: serde_json::from_str(self.example).unwrap_or_default(),
            example_says: self.example_says,
            channels: self.channels.to_vec(),
        }
    }

    /// Every way that may leave a step with these fields.
    pub(crate) fn ways<'a>(&self, fields: &'a Map<String, Value>) -> BTreeSet<&'a str>
    where
        'static: 'a,
    {
        let mut ways: BTreeSet<&str> = self.branches.iter().map(|b| b.name).collect();
        if let Some(list) = self.branches_from.and_then(|name| fields.get(name)).and_then(Value::as_array) {
            ways.extend(list.iter().filter_map(|item| item.get("id")?.as_str()));
        }
        if self.outside {
            ways.insert("failed");
        }
        ways
    }
}
