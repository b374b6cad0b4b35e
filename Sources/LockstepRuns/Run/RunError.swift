import LockstepModel
import LockstepTraining

/// Why a run could not be done, sorted by whose turn it is. The text begins with the place as a compiler's does,
/// `place: found …, expected …`: a file with line and column, a folder, an option, a key of the configuration, a step.
public enum RunError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The input was wrong: a configuration, an argument, a damaged file. Nothing was changed.
  case input(String)
  /// The run itself failed: numbers diverged, the disk was full.
  case failed(String)

  /// The text for a person.
  public var description: String {
    switch self {
    case .input(let text), .failed(let text): text
    }
  }

  init(input error: some Error) { self = .input("\(error)") }
  init(failed error: some Error) { self = .failed("\(error)") }
}

/// Runs `body` and says of any error that the input was wrong.
package func asInput<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(RunError) -> Result {
  do throws(Failure) { return try body() } catch { throw RunError(input: error) }
}

/// Runs `body` and says of any error that the run failed.
package func asFailure<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(RunError) -> Result {
  do throws(Failure) { return try body() } catch { throw RunError(failed: error) }
}
