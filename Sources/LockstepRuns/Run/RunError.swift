import LockstepModel
import LockstepTraining

/// Why something could not be done. The text begins with the place, as a compiler's does, `place: found …, expected …`;
/// the place is a file with line and column, a folder, an option, a key of the configuration, or a step.
public enum RunError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The input was wrong: a configuration, an argument, a damaged file. Nothing was changed; the caller has to change
  /// the input.
  case input(String)
  /// The input was right, and the work failed: numbers diverged, the disk was full, a signal asked to stop.
  case failed(String)

  /// The text for a person.
  public var description: String {
    switch self {
    case .input(let text), .failed(let text): text
    }
  }

  /// The same with a further line.
  func adding(_ line: String) -> RunError {
    switch self {
    case .input(let text): .input("\(text)\n\(line)")
    case .failed(let text): .failed("\(text)\n\(line)")
    }
  }

  package init(input error: some Error) { self = .input("\(error)") }
  package init(failed error: some Error) { self = .failed("\(error)") }
}

/// Runs `body`; any error it throws becomes `RunError.input`.
package func asInput<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(RunError) -> Result {
  do throws(Failure) { return try body() } catch { throw RunError(input: error) }
}

/// Runs `body`; any error it throws becomes `RunError.failed`.
package func asFailure<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(RunError) -> Result {
  do throws(Failure) { return try body() } catch { throw RunError(failed: error) }
}
