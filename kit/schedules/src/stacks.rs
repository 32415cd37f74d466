//! The stacks of a run's threads, and going from one to another.

use corosensei::stack::DefaultStack;
use corosensei::{Coroutine, CoroutineResult, Yielder};
use std::cell::{Cell, RefCell};

/// Half of what a thread has by default. No page of it is there before it is used.
const SIZE: usize = 1 << 20;

type Stack = Coroutine<(), (), (), DefaultStack>;

thread_local! {
    /// The stacks of all threads of the run, by their numbers. One that runs is not here.
    static STACKS: RefCell<Vec<Option<Stack>>> = const { RefCell::new(Vec::new()) };
    /// Those of threads that have ended, for others.
    static SPARE: RefCell<Vec<DefaultStack>> = const { RefCell::new(Vec::new()) };
    /// How the thread that runs gives the turn away.
    static YIELDER: Cell<*const Yielder<(), ()>> = const { Cell::new(std::ptr::null()) };
    /// Whether threads are being unwound.
    static UNWINDING: Cell<bool> = const { Cell::new(false) };
}

/// Adds the next thread. False if there is no memory for its stack.
pub(crate) fn add(work: Box<dyn FnOnce()>) -> bool {
    let spare = SPARE.with(|spare| spare.borrow_mut().pop());
    let stack = spare.map_or_else(|| DefaultStack::new(SIZE).ok(), Some);
    let added = stack.map(|stack| {
        Coroutine::with_stack(stack, move |yielder: &Yielder<(), ()>, ()| {
            YIELDER.set(yielder);
            work();
        })
    });
    let good = added.is_some();
    STACKS.with(|stacks| stacks.borrow_mut().push(added));
    good
}

/// Lets a thread go on, until it gives the turn away or ends.
pub(crate) fn go_on(thread: usize) {
    let take = |stacks: &RefCell<Vec<Option<Stack>>>| stacks.borrow_mut().get_mut(thread)?.take();
    let Some(mut stack) = STACKS.with(take) else { return };
    match stack.resume(()) {
        CoroutineResult::Yield(()) => STACKS.with(|stacks| stacks.borrow_mut()[thread] = Some(stack)),
        CoroutineResult::Return(()) => SPARE.with(|spare| spare.borrow_mut().push(stack.into_stack())),
    }
}

/// In a thread: gives the turn away, and comes back when it is this thread's again.
pub(crate) fn away() {
    let yielder = YIELDER.get();
    // SAFETY: it is the one of the thread that runs, since each thread sets it when it begins and when it comes
    // back; and it lives on that thread's stack, below this function.
    unsafe { &*yielder }.suspend(());
    YIELDER.set(yielder);
}

/// In a thread: waits until it is to be unwound.
pub(crate) fn last() {
    if !UNWINDING.get() {
        away();
    }
}

/// Ends all threads of the run, the last one first. `is` is told which one it is.
pub(crate) fn unwind(is: impl Fn(usize)) {
    UNWINDING.set(true);
    for thread in (0..STACKS.with(|stacks| stacks.borrow().len())).rev() {
        is(thread);
        go_on(thread);
    }
    UNWINDING.set(false);
    STACKS.with(|stacks| stacks.borrow_mut().clear());
}
