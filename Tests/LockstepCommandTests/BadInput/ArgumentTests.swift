import TestSupport
import Testing

@Suite("Bad input: arguments")
struct ArgumentTests {
  /// A command in a view of the files that has nothing at /proc, as a bare `chroot` has.
  private static func withoutProc(_ command: [String]) throws -> (output: String, status: Int32) {
    let words = ["--mount", "--map-root-user", "sh", "-c", #"mount -t tmpfs none /proc && exec "$0" "$@""#]
    return try run("/usr/bin/unshare", words + command)
  }

  /// The arguments are unknown there. Such a call must not pass for one without any, which shows the help.
  @Test(.enabled(if: (try? withoutProc(["true"]).status) == 0, "this system lets nobody take a /proc away"))
  func missingProcIsSaid() throws {
    for arguments in [["train", "config.yaml"], []] {
      let outcome = try Self.withoutProc([Tool.path] + arguments)
      #expect(outcome.status == 2)
      #expect(outcome.output.hasPrefix("/proc: found nothing there, expected it to be mounted"), "\(outcome)")
    }
  }

  @Test(arguments: [
    (["trian", "config.yaml"], ["lockstep trian: found an unknown command", "did you mean train?"]),
    (["config.yaml"], ["lockstep config.yaml: found an unknown command", "expected one of init, train, resume"]),
    (["--thread", "1"], ["Unknown option '--thread'"]),
    (["train"], ["Missing expected argument '<config>'", "lockstep train --help"]),
    (["train", ""], ["the configuration: found an empty path"]),
    (["train", "config.yaml", "more"], ["Unexpected argument 'more'"]),
    (["train", "config.yaml", "--thread", "1"], ["Unknown option '--thread'", "Did you mean '--threads'?"]),
    (["train", "config.yaml", "--threads", "0"], ["--threads 0: expected at least 1"]),
    (["train", "config.yaml", "--threads", "-1"], ["--threads -1: expected at least 1"]),
    (["train", "config.yaml", "--threads", "two"], ["'two' is invalid for '--threads <n>'"]),
    (["train", "config.yaml", "--steps", "0"], ["--steps 0: expected at least 1"]),
    (["train", "config.yaml", "--steps", "-5"], ["--steps -5: expected at least 1"]),
    (["train", "config.yaml", "--steps", "99999999999999999999"], ["is invalid for '--steps <n>'"]),
    (["train", "config.yaml", "--output", ""], ["--output: found an empty path"]),
    (["train", "config.yaml", "--output", "config.yaml"], ["config.yaml", "a file of that name stands there"]),
    (
      ["train", "config.yaml", "--output", "config.yaml/run"],
      ["config.yaml: ", "a file of that name stands there"]
    ),
    (["resume"], ["runs: found no run there, expected one that lockstep train CONFIG has begun"]),
    (["resume", ""], ["the folder of the run: found an empty path"]),
    (["evaluate", "x", "--threads", "0"], ["--threads 0: expected at least 1"]),
    (["scale", "config.yaml", "--threads", ""], ["--threads : found nothing, expected counts with commas between"]),
    (["scale", "config.yaml", "--threads", "1,"], ["--threads 1,: found nothing"]),
    (["scale", "config.yaml", "--threads", "0,1"], ["--threads 0,1: found 0"]),
    (["scale", "config.yaml", "--threads", "1;2"], ["--threads 1;2: found 1;2"]),
    (["scale", "config.yaml", "--threads", "-1"], ["--threads -1: found -1"]),
    (["scale", "config.yaml", "--threads", "1,1"], ["--threads: expected counts that differ"]),
    (["scale", "config.yaml", "--threads", "1,129"], ["--threads 129: expected 1 … 128"]),
    (["scale", "config.yaml", "--steps", "7"], ["--steps 7: expected at least 8"]),
    (["scale", "config.yaml", "--steps", "-7"], ["--steps -7: expected at least 8"]),
    (
      ["scale", "config.yaml", "--steps", "22"],
      ["--steps 22: the configured length is 21 steps", "--set training.steps=22"]
    ),
    (["scale", "config.yaml", "--json", "nowhere/x.json"], ["--json nowhere/x.json: there is no folder nowhere"]),
    (["scale", "config.yaml", "--json", "."], ["--json .: found a folder"]),
  ])
  func isRefused(arguments: [String], words: [String]) throws {
    let outcome = try Place().refuse(arguments, words)
    // The place stands first, where there is one; the parser's own sentences, which have none, are labelled.
    #expect(outcome.errors.hasPrefix(words[0]) || outcome.errors.hasPrefix("error: "), "\(outcome.errors)")
    #expect(outcome.errors.hasPrefix("error: ") == outcome.errors.contains("Usage: "), "\(outcome.errors)")
  }

  @Test(arguments: ["train", "resume"])
  func stepsBeyondTheLengthAreRefusedBeforeAnythingIsWritten(command: String) throws {
    let place = try Place()
    if command == "resume" { try place.succeed("train", "config.yaml", "--output", "run", "--steps", "6") }
    let arguments = command == "resume" ? ["resume", "run"] : ["train", "config.yaml", "--output", "run"]
    try place.refuse(
      arguments + ["--steps", "22"],
      ["--steps 22: the configured length of the run is 21 steps", "--set training.steps=22"])
  }
}
