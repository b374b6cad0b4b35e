import LockstepKernels
import LockstepModel

/// Where each path of a configuration was written.
struct ConfigurationLocations {
  private var values: [String: ConfigurationLocation] = [:]
  private let root: ConfigurationLocation

  init(_ tree: ConfigurationNode) {
    root = tree.location
    add(tree, path: "")
  }

  /// The locations of a configuration made in code.
  init(source: String) {
    root = ConfigurationLocation(source: source)
  }

  /// The place of the value at `path`, or of what encloses it where it was left to its default.
  func location(of path: String) -> ConfigurationLocation {
    var path = path
    while true {
      if let location = values[path] { return location }
      guard let parent = Path.parent(of: path) else { return root }
      path = parent
    }
  }

  /// Whether there is a value at `path`.
  func has(_ path: String) -> Bool { values[path] != nil }

  /// The first of `paths` that was written, else the first.
  func written(_ paths: [String]) -> String {
    paths.first { values[$0] != nil } ?? paths.first ?? ""
  }

  private mutating func add(_ node: ConfigurationNode, path: String) {
    values[path] = node.location
    switch node.content {
    case .nothing, .refused, .scalar: break
    case .list(let items):
      for (i, item) in items.enumerated() { add(item, path: Path.child("\(i)", of: path)) }
    case .mapping(let entries):
      for entry in entries { add(entry.value, path: Path.child(entry.key, of: path)) }
    }
  }
}

extension ConfigurationLocations {
  /// The path of a layer of the model, such as `model.layers.0.repeat.layers.2`, with each residual the way it was
  /// written: with its layers under `layers`, or as their list.
  func path(of key: LayerKey) -> String {
    key.path { written(["\($0).residual.layers", "\($0).residual"]) }
  }
}

extension LayerKey {
  /// The path of a layer in the projection of the residual at a path has the key `projection`.
  ///
  /// - Parameter list: the path of the layers of the residual at a path.
  func path(list: (String) -> String) -> String {
    steps.reduce("model.layers") { path, step in
      switch step {
      case .layer(let index): Path.child("\(index)", of: path)
      case .repeated: "\(path).repeat.layers"
      case .residual: list(path)
      case .projection: "\(path).residual.projection"
      }
    }
  }
}
