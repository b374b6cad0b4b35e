import Foundation
import Testing

/// The private Python environment that `tools/python` makes of Tests/Fixtures/python-requirements.txt, in which tests
/// read Lockstep's files with other people's tools.
public enum PrivatePython {
  public static let repository = URL(filePath: #filePath).appending(path: "../../..").standardized.path
  private static let program = "\(repository)/.build/python/bin/python"

  /// Why a test that needs it is skipped.
  public static let excuse: Comment = "tools/python has not been run, or could not install its packages"

  /// Whether the environment is there with these modules.
  public static func has(_ modules: String...) -> Bool {
    guard FileManager.default.isExecutableFile(atPath: program) else { return false }
    return (try? run(["-c", "import \(modules.joined(separator: ", "))"], in: repository))?.status == 0
  }

  /// Runs it to its end in `folder`.
  ///
  /// - Returns: what it prints, errors included, and its exit status.
  public static func run(_ arguments: [String], in folder: String) throws -> (output: String, status: Int32) {
    let process = Process()
    let pipe = Pipe()
    process.executableURL = URL(filePath: program)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = pipe
    process.standardError = pipe
    try process.run()
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus)
  }
}
