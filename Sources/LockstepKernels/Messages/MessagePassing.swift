/// MPI, where the program is built with the trait of that name. What the program is otherwise does not depend on it.
package enum MessagePassing {
  #if MPI
    /// Written before there are other threads, and once they have ended.
    nonisolated(unsafe) private static var joined: MPICommunicator?
  #endif

  /// The MPI that the program runs with; nil if it is built without.
  package static var library: String? {
    #if MPI
      MPICommunicator.library
    #else
      nil
    #endif
  }

  /// Makes this process one of the ranks. Every one of them calls it, once.
  ///
  /// - Parameter timeout: seconds after which a rank that does not answer is given up; infinity for never.
  /// - Returns: nil where the program is built without MPI.
  package static func launch(timeout: Double) -> (any Communicator)? {
    #if MPI
      let communicator = MPICommunicator.launch(timeout: timeout)
      unsafe joined = communicator
      return communicator
    #else
      return nil
    #endif
  }

  /// Takes leave of the other ranks, once all of them are done.
  package static func finalize() {
    #if MPI
      unsafe joined?.finalize()
      unsafe joined = nil
    #endif
  }
}
