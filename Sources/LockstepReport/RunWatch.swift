import Libc
import LockstepFormats
import LockstepKernels
import LockstepResults
import LockstepRuns

/// A page about a run, written once, or anew while the run goes on, so that a browser which shows it keeps up.
package struct RunWatch: Sendable {
  /// Seconds between two looks at the log.
  private static let interval = 5

  private let folder: RunFolder
  private let output: String

  /// - Parameters:
  ///   - path: the folder of the run.
  ///   - output: the page.
  /// - Throws: `RunError.input` where `path` is not the folder of a run.
  package init(_ path: String, output: String) throws(RunError) {
    folder = try asInput { () throws(RunFolderError) in try RunFolder.open(path) }
    self.output = output
  }

  /// Writes the page, again whenever the log has grown, and once more when the run has ended or `stop` asks: that one
  /// does not load itself again.
  ///
  /// - Parameter also: is done beside each page.
  /// - Returns: the signal that has ended it; nil where the run did.
  package func follow(
    until stop: StopRequest, also: (RunHistory) throws(RunError) -> Void = { (_) throws(RunError) in }
  ) throws(RunError) -> Int32? {
    var seen = -1
    while stop.signal == nil, folder.isHeld {
      let bytes = size
      if bytes != seen {
        seen = bytes
        try write(refreshing: Self.interval, also: also)
      }
      // A signal, or the end of the run, is not to wait for the next look.
      for _ in 0..<10 * Self.interval where stop.signal == nil && folder.isHeld { usleep(100_000) }
    }
    try write(refreshing: nil, also: also)
    return stop.signal
  }

  /// Writes the page.
  ///
  /// - Parameters:
  ///   - refreshing: the seconds after which a browser loads it again; nil for one that stays as it is.
  ///   - also: is done beside it.
  package func write(
    refreshing: Int? = nil, also: (RunHistory) throws(RunError) -> Void = { (_) throws(RunError) in }
  ) throws(RunError) {
    let history = try RunHistory(folder.path)
    var page = history.report(as: output, isPassing: refreshing != nil)
    page.refresh = refreshing
    try ResultFile.write(page.text, to: output)
    try also(history)
  }

  private var size: Int { (try? FileDescriptor.reading(folder.metricsFile).size) ?? 0 }
}
