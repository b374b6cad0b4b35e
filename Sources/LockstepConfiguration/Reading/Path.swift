/// Keys and list indices joined by dots, `model.layers.0.dense.units`: as errors print them and `--set` takes them.
enum Path {
  static func child(_ key: String, of parent: String) -> String {
    parent.isEmpty ? key : "\(parent).\(key)"
  }

  static func parent(of path: String) -> String? {
    if path.isEmpty { return nil }
    return path.lastIndex(of: ".").map { String(path[..<$0]) } ?? ""
  }

  static func lastKey(of path: String) -> String {
    path.lastIndex(of: ".").map { String(path[path.index(after: $0)...]) } ?? path
  }
}
