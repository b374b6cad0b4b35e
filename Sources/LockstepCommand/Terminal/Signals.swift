import Libc
import Lockstep

/// SIGINT, SIGTERM, SIGHUP and SIGUSR1, which batch schedulers send ahead of a limit, ask the run to finish its step,
/// save and end; a second one ends it at once, but for a SIGTERM that Slurm sends twice.
enum Signals {
  static let stop = StopRequest()
  private static let first = FirstSignal()
  private static let asking = [SIGINT, SIGTERM, SIGUSR1]
  /// For a person who waits while a long step is finished; it takes the place of the bar, if there is one.
  private static let note: StaticString =
    Terminal.isLive
    ? "\r\u{1B}[Kstopping: the step is finished and saved first; once more ends at once\n"
    : "stopping: the step is finished and saved first; once more ends at once\n"

  /// Asks the run to stop; false where it has been asked before.
  private static func ask(_ number: Int32) -> Bool {
    stop.request(signal: number)
    return first.isFirst(number, at: MonotonicClock.seconds())
  }

  /// - Parameter announcing: whether to say on standard error that the signal has come.
  static func install(announcing: Bool) {
    // A handler touches atomic words, reads a clock, writes constant bytes and, the second time, leaves, all of which
    // are safe there.
    let quiet: @convention(c) (Int32) -> Void = { number in
      if !Signals.ask(number) { _exit(128 + number) }
    }
    let telling: @convention(c) (Int32) -> Void = { number in
      if !Signals.ask(number) { _exit(128 + number) }
      let saved = errno
      _ = unsafe write(Terminal.errorDescriptor, Signals.note.utf8Start, Signals.note.utf8CodeUnitCount)
      errno = saved
    }
    // Made here, before any signal can come, because a handler must not be the first to make them.
    _ = (stop, first, note)
    for number in asking { signal(number, announcing ? telling : quiet) }
    // Under nohup it is ignored, and is to be.
    let former = unsafe unsafeBitCast(signal(SIGHUP, announcing ? telling : quiet), to: Int.self)
    if unsafe former == unsafeBitCast(SIG_IGN, to: Int.self) { signal(SIGHUP, SIG_IGN) }
    // Who starts a program from a Dispatch thread hands down that thread's mask, which blocks them.
    var handled = sigset_t()
    unsafe sigemptyset(&handled)
    for number in asking + [SIGHUP] { unsafe sigaddset(&handled, number) }
    unsafe pthread_sigmask(SIG_UNBLOCK, &handled, nil)
  }
}
