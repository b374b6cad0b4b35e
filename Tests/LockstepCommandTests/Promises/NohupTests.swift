import Foundation
import TestSupport
import Testing

/// A run that was started by `nohup` outlives its terminal: a SIGHUP that is ignored when it begins stays ignored, and
/// the other signals do what they always do.
@Suite("Promises: a run under nohup")
struct NohupTests {
  /// The shell's way to ignore it, and the program's own.
  @Test(arguments: [
    ["/bin/sh", "-c", "trap '' HUP; exec \"$0\" \"$@\""], ["/usr/bin/env", "nohup"],
  ])
  func aHangUpIsIgnored(wrapper: [String]) throws {
    let place = try Place(Configurations.long)
    let running = try Tool.Running(
      Array(wrapper.dropFirst()) + [Tool.path, "train", "config.yaml", "--output", "run", "--verbose", "--json"],
      of: wrapper[0],
      in: place.folder)
    running.wait { running.errors.contains("step 30  saved") }
    running.send(SIGHUP)
    // It goes on: a hundred steps and more after the signal.
    let last = lastSaved(running)
    running.wait { lastSaved(running) > last + 100 }
    #expect(running.isRunning && lastSaved(running) > last + 100)
    #expect(!running.errors.contains("stopping"))
    running.send(SIGTERM)
    let outcome = running.outcome()
    #expect(outcome.status == 128 + SIGTERM, "\(outcome)")
    #expect(outcome.json["status"] as? String == "stopped")
  }

  private func lastSaved(_ running: Tool.Running) -> Int {
    running.errors.matches(of: /step (\d+)  saved/).compactMap { Int($0.1) }.last ?? 0
  }
}
