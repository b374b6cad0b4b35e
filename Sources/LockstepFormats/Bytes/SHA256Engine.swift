#if canImport(CommonCrypto)
  internal import CommonCrypto

  /// SHA-256 as the system computes it, with Apple's CommonCrypto.
  @safe
  struct SHA256Engine: ~Copyable {
    private var context = CC_SHA256_CTX()

    init() { unsafe CC_SHA256_Init(&context) }

    mutating func update(_ bytes: RawSpan) {
      unsafe bytes.withUnsafeBytes { buffer in
        // It counts bytes in 32 bits.
        var rest = unsafe buffer[...]
        while !rest.isEmpty {
          let part = unsafe UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
          unsafe CC_SHA256_Update(&context, part.baseAddress, CC_LONG(part.count))
          unsafe rest = rest.dropFirst(part.count)
        }
      }
    }

    mutating func finish() -> [UInt8] {
      var digest = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
      unsafe CC_SHA256_Final(&digest, &context)
      unsafe CC_SHA256_Init(&context)
      return digest
    }
  }
#else
  internal import CCrypto

  /// SHA-256 as OpenSSL's libcrypto computes it.
  ///
  /// `@safe`: the context is made, used and freed here alone.
  @safe
  struct SHA256Engine: ~Copyable {
    private let context: OpaquePointer

    init() {
      guard let context = unsafe EVP_MD_CTX_new(), unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
        preconditionFailure("libcrypto offers no SHA-256")
      }
      unsafe self.context = context
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    mutating func update(_ bytes: RawSpan) {
      let status = unsafe bytes.withUnsafeBytes { unsafe EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
      precondition(status == 1, "EVP_DigestUpdate failed")
    }

    mutating func finish() -> [UInt8] {
      var digest = [UInt8](repeating: 0, count: SHA256Digest.byteCount)
      let status = unsafe digest.withUnsafeMutableBufferPointer {
        unsafe EVP_DigestFinal_ex(context, $0.baseAddress, nil)
      }
      precondition(status == 1, "EVP_DigestFinal_ex failed")
      let restart = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
      precondition(restart == 1, "EVP_DigestInit_ex failed")
      return digest
    }
  }
#endif
