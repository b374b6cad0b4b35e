import LockstepConfiguration
import LockstepData
import LockstepFormats

extension FileSource {
  /// As a configuration that stands in `folder` names it, in braces.
  func flow(in folder: String) -> String {
    func path(_ path: String) -> ResolvedValue { .text(Folder.relative(path, to: folder)) }
    let keys: [(key: String, value: ResolvedValue)]
    switch self {
    case .npy(let features, let targets, _): keys = [("features", path(features)), ("targets", path(targets ?? ""))]
    case .npz(let file, let features, let targets, _), .safetensors(let file, let features, let targets, _):
      keys = [("path", path(file)), ("features", .text(features)), ("targets", .text(targets ?? ""))]
    case .idx(let images, let labels): keys = [("images", path(images)), ("labels", path(labels ?? ""))]
    case .cifar(let files, let labels):
      keys = [("files", .list(files.map(path)))] + (labels == .fine ? [] : [("labels", .text(labels.rawValue))])
    case .pictures(let source):
      let size = source.size.map { [("height", ResolvedValue.integer($0.height)), ("width", .integer($0.width))] }
      keys = [("path", path(source.path))] + (size ?? [])
    case .csv: preconditionFailure("a table says more than its source")
    }
    return ResolvedValue.mapping([(kind, .mapping(keys))]).flow
  }
}
