import Foundation
import LockstepConfiguration
import LockstepFormats
import LockstepModel
import LockstepRuns
import LockstepTraining
import TestSupport
import Testing

/// What a run has told.
final class Events {
  private(set) var all: [RunEvent] = []
  /// Called after each.
  var then: (RunEvent) throws -> Void = { _ in }

  func observe(_ event: RunEvent) {
    all.append(event)
    do { try then(event) } catch { Issue.record(error) }
  }

  var evaluated: [Int] {
    all.compactMap { if case .evaluated(let step, _) = $0 { step } else { nil } }
  }

  var saved: [Int] {
    all.compactMap { if case .saved(let step, _, _) = $0 { step } else { nil } }
  }

  var warnings: [String] {
    all.compactMap { if case .warning(let text) = $0 { text } else { nil } }
  }
}

extension TrainingRun {
  /// The lines of the log without the speed, which no two runs share.
  var lines: [JSONObject] {
    get throws {
      try MetricsLog.lines(folder.metricsFile).map {
        var values = $0.values
        values["samples_per_second"] = nil
        return values
      }
    }
  }
}

/// Copies the folder of a run that goes on, as a process that is killed there leaves it; again where a file was renamed
/// meanwhile.
func copyRun(_ folder: String, to copy: String) throws {
  for _ in 0..<20 {
    do { return try FileManager.default.copyItem(atPath: folder, toPath: copy) } catch {
      try? FileManager.default.removeItem(atPath: copy)
    }
  }
  try FileManager.default.copyItem(atPath: folder, toPath: copy)
}
