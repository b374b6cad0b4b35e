import LockstepData
import LockstepFormats
import LockstepRuns
import SwiftProtobuf

/// What is in an exported file, without its numbers.
public struct ExportedFile: Sendable {
  /// By the ending of the file's name.
  public let format: ExportFormat
  /// In the order of the file; `dtype` in the format's own word: `F32`, `float32`, `float`.
  public let tensors: [TensorInfo]
  /// What `TrainedModel.export` wrote beside the tensors, such as `layout`, `step`, `weights_digest` and
  /// `preprocessing`; of an archive of arrays `preprocessing` alone.
  public let metadata: [(key: String, text: String)]

  /// The member of an archive of arrays that says what an export's inputs and outputs are.
  static let preprocessingMember = "\(Preprocessing.key).json"

  /// Reads what a file holds, but not its tensors' numbers; nil where the ending of `path` is that of no export.
  ///
  /// - Throws: `RunError.input` where the file cannot be read, or is not of the format that its ending says.
  public init?(reading path: String) throws(RunError) {
    guard let format = try? ExportFormat(endingOf: path) else { return nil }
    try self.init(reading: path, as: format)
  }

  package init(reading path: String, as format: ExportFormat) throws(RunError) {
    self.format = format
    (tensors, metadata) =
      switch format {
      case .safetensors: try Self.safetensors(path)
      case .npz: try asInput { () throws(DataFileError) in try Self.npz(path) }
      case .onnx: try Self.onnx(path)
      }
  }

  private typealias Content = (tensors: [TensorInfo], metadata: [(key: String, text: String)])

  private static func safetensors(_ path: String) throws(RunError) -> Content {
    let header: SafetensorsHeader
    do throws(WeightsFile.Problem) { header = try WeightsFile(path).header } catch {
      throw .input("\(path): \(error.text)")
    }
    return (header.entries.map(\.tensor), header.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  private static func npz(_ path: String) throws(DataFileError) -> Content {
    let archive = try ZipArchive(FileBytes(mapping: path))
    let ending = ".npy"
    var content: Content = ([], [])
    for member in archive.members {
      // Unpacking thousands of members for their first bytes is what a file would want that is none of ours.
      guard member.method == 0 else {
        throw DataFileError(path, found: "packed arrays", expected: "an archive that lockstep export has written")
      }
      let (bytes, range) = try archive.content(of: member)
      if member.name.hasSuffix(ending) {
        let name = String(member.name.dropLast(ending.count))
        let header = try NPYHeader(bytes, range, name: "\(path)[\(name)]")
        content.tensors.append(TensorInfo(name, shape: header.shape, dtype: "\(header.type)"))
      } else if member.name == preprocessingMember, range.count <= SafetensorsHeader.largestHeader {
        content.metadata.append((Preprocessing.key, String(decoding: bytes.copy(range), as: UTF8.self)))
      }
    }
    return content
  }

  private static func onnx(_ path: String) throws(RunError) -> Content {
    let bytes = try onnxBytes(path)
    guard let model = try? Onnx_ModelProto(serializedBytes: bytes), model.hasGraph else {
      throw .input("\(path): found bytes that are not an ONNX graph's, expected an ONNX file")
    }
    let tensors = model.graph.initializer.map { tensor in
      let type = Onnx_TensorProto.DataType(rawValue: Int(tensor.dataType))
      return TensorInfo(
        tensor.name, shape: tensor.dims.map { Int(clamping: $0) }, dtype: type.map { "\($0)" } ?? "\(tensor.dataType)")
    }
    return (tensors, model.metadataProps.map { ($0.key, $0.value) })
  }

  private static func onnxBytes(_ path: String) throws(RunError) -> [UInt8] {
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
