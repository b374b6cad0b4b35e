import ArgumentParser
import Lockstep

/// Throws where an argument that should be a path is empty, as an unset variable of a shell script leaves it.
func requirePath(_ path: String, _ what: String) throws {
  if path.isEmpty { throw RunError.input("\(what): found an empty path") }
}

/// Throws where `path`, which should be a checkpoint, is none, with the nearest thing that may have been meant.
func requireCheckpoint(_ path: String) throws {
  try requirePath(path, "the checkpoint")
  guard (try? Folder.item(at: path)) == .folder else { return }
  var example = "such as \(path)/\(CheckpointStore.fileName(step: 1000))"
  for folder in [path, "\(path)/checkpoints"] {
    if let newest = (try? CheckpointStore(folder: folder, keep: 1).list())?.last { example = "such as \(newest.path)" }
  }
  throw RunError.input("\(path): found a folder, expected a checkpoint, \(example)")
}

/// Throws where no file can be written to `path` for a reason that is known before there is anything to write.
func requireWritable(_ path: String, _ what: String) throws {
  try requirePath(path, what)
  let above = Folder.parent(of: path)
  if (try? Folder.item(at: above)) != .folder { throw RunError.input("\(what) \(path): there is no folder \(above)") }
  if (try? Folder.item(at: path)) == .folder {
    throw RunError.input("\(what) \(path): found a folder, expected the path of a file")
  }
}
