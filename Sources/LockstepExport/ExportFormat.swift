import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepTraining

/// What a model can be written as; the ending of a file's name says which.
public enum ExportFormat: String, Sendable, Equatable, CaseIterable {
  /// Tensors by name — https://github.com/huggingface/safetensors
  case safetensors
  /// Tensors and the graph that computes with them — https://onnx.ai
  case onnx
  /// NumPy's arrays by name, in a zip file.
  case npz

  /// - Throws: `RunError.input` where the ending of `path` is none of them.
  init(endingOf path: String) throws(RunError) {
    let name = Folder.lastName(of: path)
    let ending = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) }
    guard let format = ending.flatMap(ExportFormat.init(rawValue:)) else {
      let endings = Self.allCases.map { ".\($0.rawValue)" }.joined(separator: ", ")
      throw .input("\(path): found \(ending.map { "the ending .\($0)" } ?? "no ending"), expected one of \(endings)")
    }
    self = format
  }
}
