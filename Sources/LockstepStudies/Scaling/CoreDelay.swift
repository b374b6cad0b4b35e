import LockstepFormats

/// How long threads of this process were ready to run and had no core, because something else had it.
enum CoreDelay {
  /// Seconds of all threads that are there, together, as Linux counts them in `schedstat`; 0 where it does not.
  static var seconds: Double {
    let folder = "/proc/self/task"
    let tasks = (try? Folder.names(in: folder)) ?? []
    return tasks.reduce(0) { $0 + (nanoseconds(ofFile: "\(folder)/\($1)/schedstat") ?? 0) } * 1e-9
  }

  /// The second of three numbers; nil where there is no such file.
  private static func nanoseconds(ofFile path: String) -> Double? {
    var bytes = [UInt8](repeating: 0, count: 128)
    guard let file = try? FileDescriptor.reading(path), let count = try? file.read(into: &bytes) else { return nil }
    return String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ").dropFirst().first.flatMap {
      Double($0)
    }
  }
}
