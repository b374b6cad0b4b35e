import Foundation
import LockstepFormats
import LockstepKernels

/// What figures are worth nothing without: where they were measured.
enum Machine {
  static let line =
    "\(Processor.modelName), \(Processor.instructionSet), \(Processor.availableCores) core\(Processor.availableCores == 1 ? "" : "s")"

  static let json: JSONValue = [
    "processor": .string(Processor.modelName), "instruction_set": .string(Processor.instructionSet),
    "cores": .integer(Processor.availableCores),
  ]

  /// Tells whoever waits what is being measured.
  static func note(_ text: String) { FileHandle.standardError.write(Data("\(text)\n".utf8)) }
}
