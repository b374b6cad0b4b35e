import Foundation

/// The Python that tools/python makes, with the packages of Tests/Fixtures/python-requirements.txt: other people's tools on the other side of a file.
public enum PrivatePython {
  /// Its path, or nil where it is not there.
  public static let path: String? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("../..").standardized
      .path
    let python = "\(root)/.build/python/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else { return nil }
    return (try? run(python, ["-c", "import numpy, pandas, sklearn, safetensors.numpy"]))?.status == 0 ? python : nil
  }()

  public static let reason = "tools/python has not been run"

  /// Runs a script in the folder `folder`.
  ///
  /// - Returns: what it prints, errors included, and its exit status.
  public static func run(script: String, in folder: String, _ arguments: [String] = []) throws -> (
    output: String, status: Int32
  ) {
    try run(path ?? "python3", ["-c", "import os, sys\nos.chdir(sys.argv.pop(1))\n" + script, folder] + arguments)
  }

  private static func run(_ program: String, _ arguments: [String]) throws -> (output: String, status: Int32) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus)
  }
}
