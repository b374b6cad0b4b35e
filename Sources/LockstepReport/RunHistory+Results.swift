import LockstepConfiguration
import LockstepFormats
import LockstepResults
import LockstepRuns
import LockstepStudies

// What the model of a run makes of its validation data.
extension RunHistory {
  /// By the checkpoint that `lockstep evaluate` would take. Where the data is gone, or has become another, why.
  var results: [HTML] {
    guard record.configuration.data.hasValidation, !checkpoints.isEmpty else { return [] }
    do throws(RunError) {
      let (path, _) = try RunModel.checkpoint(at: record.path)
      return try ModelResults(boundedOf: path).sections(data: "The validation data")
    } catch {
      return [Page.section("Results", [Page.paragraph("They are left out: \(error)", quiet: true)])]
    }
  }
}
