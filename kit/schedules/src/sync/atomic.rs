//! Atomics. All are sequentially consistent here, whatever order is asked for.

use crate::event::{Event, Kind, Place, What};
use crate::run::{self, Id, Need};
use std::fmt;
use std::panic::Location;
pub use std::sync::atomic::Ordering;
use std::sync::atomic::Ordering::SeqCst;

/// Takes a step with an atomic, and tells of it.
fn step<R: Default>(
    object: (&Id, &'static Location<'static>),
    place: &'static Location<'static>,
    act: impl FnOnce() -> (R, What, String),
) -> R {
    let (mut act, mut result) = (Some(act), R::default());
    told(object, place, &mut || {
        let Some(act) = act.take() else { return (What::Yields, String::new()) };
        let (own, what, words) = act();
        result = own;
        (what, words)
    });
    result
}

fn told(
    (id, made): (&Id, &'static Location<'static>),
    place: &'static Location<'static>,
    act: &mut dyn FnMut() -> (What, String),
) {
    let place = Some(Place::from(place));
    run::step(
        |_, _| Need::Nothing,
        false,
        place,
        |state, me| {
            let (what, words) = act();
            let atomic = state.object(id, Kind::Atomic, made);
            state.events.push(Event::new(me, what, place).on(atomic).saying(words));
        },
    );
}

macro_rules! atomic {
    ($name:ident, $value:ty) => {
        /// As in the standard library.
        pub struct $name {
            id: Id,
            made: &'static Location<'static>,
            inner: std::sync::atomic::$name,
        }

        #[allow(missing_docs, reason = "all are as in the standard library")]
        impl $name {
            #[track_caller]
            pub const fn new(value: $value) -> Self {
                Self { id: Id::new(), made: Location::caller(), inner: std::sync::atomic::$name::new(value) }
            }

            #[track_caller]
            pub fn load(&self, _order: Ordering) -> $value {
                step((&self.id, self.made), Location::caller(), || {
                    let value = self.inner.load(SeqCst);
                    (value, What::Loads, value.to_string())
                })
            }

            #[track_caller]
            pub fn store(&self, value: $value, _order: Ordering) {
                step((&self.id, self.made), Location::caller(), || {
                    self.inner.store(value, SeqCst);
                    ((), What::Stores, value.to_string())
                });
            }

            /// Makes a new value of the old one, and returns the old one.
            fn change(
                &self,
                place: &'static Location<'static>,
                new: impl FnOnce($value) -> $value,
            ) -> $value {
                step((&self.id, self.made), place, || {
                    let old = self.inner.load(SeqCst);
                    let new = new(old);
                    self.inner.store(new, SeqCst);
                    (old, What::Updates, format!("{old} -> {new}"))
                })
            }

            #[track_caller]
            pub fn swap(&self, value: $value, _order: Ordering) -> $value {
                self.change(Location::caller(), |_| value)
            }

            /// # Errors
            /// As in the standard library.
            #[track_caller]
            pub fn compare_exchange(
                &self,
                current: $value,
                new: $value,
                _success: Ordering,
                _failure: Ordering,
            ) -> Result<$value, $value> {
                let old = self.change(Location::caller(), |old| if old == current { new } else { old });
                if old == current { Ok(old) } else { Err(old) }
            }

            /// # Errors
            /// As in the standard library.
            #[track_caller]
            pub fn compare_exchange_weak(
                &self,
                current: $value,
                new: $value,
                success: Ordering,
                failure: Ordering,
            ) -> Result<$value, $value> {
                self.compare_exchange(current, new, success, failure)
            }

            /// # Errors
            /// As in the standard library.
            #[track_caller]
            pub fn fetch_update(
                &self,
                set: Ordering,
                fetch: Ordering,
                mut new: impl FnMut($value) -> Option<$value>,
            ) -> Result<$value, $value> {
                let mut old = self.load(fetch);
                while let Some(next) = new(old) {
                    match self.compare_exchange(old, next, set, fetch) {
                        Ok(old) => return Ok(old),
                        Err(other) => old = other,
                    }
                }
                Err(old)
            }

            pub fn into_inner(self) -> $value {
                self.inner.into_inner()
            }

            pub fn get_mut(&mut self) -> &mut $value {
                self.inner.get_mut()
            }
        }

        impl Default for $name {
            #[track_caller]
            fn default() -> Self {
                Self::new(<$value>::default())
            }
        }

        impl From<$value> for $name {
            #[track_caller]
            fn from(value: $value) -> Self {
                Self::new(value)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.inner.fmt(f)
            }
        }
    };
}

macro_rules! integer {
    ($name:ident, $value:ty) => {
        atomic!($name, $value);

        #[allow(missing_docs, reason = "all are as in the standard library")]
        impl $name {
            #[track_caller]
            pub fn fetch_add(&self, value: $value, _order: Ordering) -> $value {
                self.change(Location::caller(), |old| old.wrapping_add(value))
            }

            #[track_caller]
            pub fn fetch_sub(&self, value: $value, _order: Ordering) -> $value {
                self.change(Location::caller(), |old| old.wrapping_sub(value))
            }

            #[track_caller]
            pub fn fetch_max(&self, value: $value, _order: Ordering) -> $value {
                self.change(Location::caller(), |old| old.max(value))
            }

            #[track_caller]
            pub fn fetch_min(&self, value: $value, _order: Ordering) -> $value {
                self.change(Location::caller(), |old| old.min(value))
            }
        }
    };
}

atomic!(AtomicBool, bool);
integer!(AtomicI32, i32);
integer!(AtomicI64, i64);
integer!(AtomicU32, u32);
integer!(AtomicU64, u64);
integer!(AtomicUsize, usize);

#[allow(missing_docs, reason = "all are as in the standard library")]
impl AtomicBool {
    #[track_caller]
    pub fn fetch_or(&self, value: bool, _order: Ordering) -> bool {
        self.change(Location::caller(), |old| old | value)
    }

    #[track_caller]
    pub fn fetch_and(&self, value: bool, _order: Ordering) -> bool {
        self.change(Location::caller(), |old| old & value)
    }
}
