import Foundation
import TestSupport
import Testing

/// Numbers that are no more: the run stops before the update, says where, and keeps what is good.
@Suite("Promises: diverging runs")
struct DivergenceTests {
  @Test func lossThatIsNotFiniteStopsTheRun() throws {
    let place = try Place(
      Configurations.regression.replacing("learning_rate: 0.01", with: "learning_rate: 1e30")
        .replacing("tanh", with: "softplus"))
    let outcome = try place.lockstep("train", "config.yaml", "--output", "run", "--json")
    #expect(outcome.status == 1)
    #expect(outcome.output == "")
    let lines = outcome.errors.split(separator: "\n")
    let message = lines.dropLast().last ?? ""
    #expect(lines.last == "go on with: lockstep resume run --set training.on_divergence=restore")
    let pattern =
      /step (\d+): the loss of shard \d+ is not finite; .* the output of layer dense\d+\. .* The last good checkpoint is (\S*)\..*/
    let match = try #require(try pattern.wholeMatch(in: message), "\(message)")
    let step = Int(match.1) ?? 0
    #expect(step >= 2 && step <= 10)
    #expect(String(match.2) == "run/checkpoints/step-0000000\(step - 1).safetensors.zst")
    #expect(try place.checkpoints("run").last == String(match.2))
    #expect(try place.succeed("inspect", String(match.2)).output.contains("\(step - 1)"))
    let last = try place.metrics("run").last
    #expect(last?["event"] as? String == "diverged")
    #expect(last?["step"] as? Int == step)
    #expect(!FileManager.default.fileExists(atPath: place.path("run/summary.json")))
    // Going on from the good checkpoint comes to the same end, and the log has it once.
    #expect(try place.lockstep("resume", "run").status == 1)
    #expect(try place.metrics("run").filter { $0["event"] as? String == "diverged" }.count == 1)
  }

  /// Where a policy has come to its end, what helps is another learning rate: from the last checkpoint, or from the
  /// beginning where there is none.
  @Test(arguments: [1, 30]) func aPolicyAtItsEnd(every: Int) throws {
    let place = try Place(
      Configurations.regression.replacing("learning_rate: 0.01", with: "learning_rate: 1e30")
        .replacing("tanh", with: "softplus").replacing("every: {steps: 1}", with: "every: {steps: \(every)}"))
    let skip = try place.lockstep(
      "train", "config.yaml", "--output", "run", "--set", "training.on_divergence={skip: {limit: 1}}", "--quiet")
    #expect(skip.status == 1)
    let begin = every == 1 ? "fork run" : "train run/config.yaml"
    #expect(
      skip.errors.hasSuffix("go on with: lockstep \(begin) --set optimizer.sgd.learning_rate=1e+29\n"), "\(skip)")
    let words = begin.split(separator: " ").map(String.init)
    let next = try Tool.run(words + ["--set", "optimizer.sgd.learning_rate=1e-3", "--quiet"], in: place.folder)
    #expect(every == 1 || next.status == 0, "\(next)")
    #expect(next.errors.isEmpty || !next.errors.contains("expected"), "\(next)")
  }
}
