import LockstepData
import LockstepFormats

/// What is in a file of tensors, without their numbers.
package struct TensorFileSummary: Sendable {
  package struct Tensor: Sendable, Equatable {
    package var name: String
    package var shape: [Int]
    /// As the format calls it.
    package var type: String

    package init(name: String, shape: [Int], type: String) { (self.name, self.shape, self.type) = (name, shape, type) }
  }

  package var tensors: [Tensor]
  /// In the order in which they are shown.
  package var metadata: [(key: String, text: String)]

  /// The member of an archive of arrays that says what an export's inputs and outputs are.
  package static let preprocessingMember = "\(Preprocessing.key).json"

  package init(tensors: [Tensor], metadata: [(key: String, text: String)]) {
    (self.tensors, self.metadata) = (tensors, metadata)
  }

  package init(safetensors path: String) throws(RunError) {
    let header: SafetensorsHeader
    do throws(WeightsFile.Problem) { header = try WeightsFile(path).header } catch {
      throw .input("\(path): \(error.text)")
    }
    tensors = header.entries.map { Tensor(name: $0.name, shape: $0.shape, type: $0.type.rawValue) }
    metadata = header.metadata.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  package init(npz path: String) throws(RunError) {
    (tensors, metadata) = try asInput { () throws(DataFileError) in try Self.read(npz: path) }
  }

  private static func read(
    npz path: String
  ) throws(DataFileError) -> ([Tensor], [(key: String, text: String)]) {
    let archive = try ZipArchive(FileBytes(mapping: path))
    let ending = ".npy"
    var (tensors, metadata) = ([Tensor](), [(key: String, text: String)]())
    for member in archive.members {
      // Unpacking thousands of members for their first bytes is what a file would want that is none of ours.
      guard member.method == 0 else {
        throw DataFileError(path, found: "packed arrays", expected: "an archive that lockstep export has written")
      }
      let content = try archive.content(of: member)
      if member.name.hasSuffix(ending) {
        let name = String(member.name.dropLast(ending.count))
        let header = try NPYHeader(content.bytes, content.range, name: "\(path)[\(name)]")
        tensors.append(Tensor(name: name, shape: header.shape, type: "\(header.type)"))
      } else if member.name == preprocessingMember, content.range.count <= SafetensorsHeader.largestHeader {
        metadata.append((Preprocessing.key, String(decoding: content.bytes.copy(content.range), as: UTF8.self)))
      }
    }
    return (tensors, metadata)
  }
}
