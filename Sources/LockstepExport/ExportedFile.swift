import Foundation
import LockstepConfiguration
import LockstepData
import LockstepFormats
import LockstepRuns
import LockstepTraining
import SwiftProtobuf

/// What is in an exported file, without its numbers.
public struct ExportedFile: Sendable {
  /// An array of the file: what it is called, its axes and its numbers' type.
  public struct Tensor: Sendable, Equatable {
    /// By the file's layout, such as `dense0/kernel` (`TensorLayout`).
    public let name: String
    /// The length of every axis, the slowest first; empty for a single number.
    public let shape: [Int]
    /// The type of the numbers in the format's own word: `F32`, `<f4`, `float`.
    public let type: String
  }

  /// By the ending of the file's name.
  public let format: ExportFormat
  /// In the order of the file.
  public let tensors: [Tensor]
  /// What `TrainedModel.export` wrote beside the tensors, such as `layout`, `step`, `weights_digest` and
  /// `preprocessing`; of an archive of arrays `preprocessing` alone.
  public let metadata: [(key: String, text: String)]

  /// Reads what a file holds, but not its tensors' numbers; nil where the ending of `path` is that of no export.
  ///
  /// - Throws: `RunError.input` where the file cannot be read, or is not of the format that its ending says.
  public init?(reading path: String) throws(RunError) {
    guard let format = try? ExportFormat(endingOf: path) else { return nil }
    let summary =
      switch format {
      case .safetensors: try TensorFileSummary(safetensors: path)
      case .npz: try TensorFileSummary(npz: path)
      case .onnx: try TensorFileSummary(onnx: path)
      }
    self.format = format
    tensors = summary.tensors.map { Tensor(name: $0.name, shape: $0.shape, type: $0.type) }
    metadata = summary.metadata
  }
}

extension TensorFileSummary {
  /// - Throws: `RunError.input` where the file is no graph.
  package init(onnx path: String) throws(RunError) {
    let bytes = try Self.content(of: path)
    guard let model = try? Onnx_ModelProto(serializedBytes: bytes), model.hasGraph else {
      throw .input("\(path): found bytes that are not an ONNX graph's, expected an ONNX file")
    }
    self.init(
      tensors: model.graph.initializer.map { tensor in
        let type = Onnx_TensorProto.DataType(rawValue: Int(tensor.dataType))
        return Tensor(
          name: tensor.name, shape: tensor.dims.map { Int(clamping: $0) },
          type: type.map { "\($0)" } ?? "\(tensor.dataType)")
      },
      metadata: model.metadataProps.map { ($0.key, $0.value) })
  }

  private static func content(of path: String) throws(RunError) -> [UInt8] {
    do throws(FileError) {
      let file = try FileDescriptor.reading(path)
      let size = try file.size
      // Protocol buffers hold no more.
      guard size < 1 << 31 else {
        throw FileError("read", path, problem: "it has 2 GiB or more, which no ONNX file has")
      }
      var bytes = [UInt8](repeating: 0, count: size)
      let count = try file.read(into: &bytes)
      return count == size ? bytes : Array(bytes[..<count])
    } catch { throw .input("\(error)") }
  }
}
