// SPDX-License-Identifier: Apache-2.0

import CNftables
import Engine
import Glibc
import Synchronization

/// libnftables: text of nft(8) in, one atomic transaction out.
///
/// It is loaded at the first change of rules, not linked: with it come seven libraries, which would cost every command
/// 0.7 ms, and most commands change no rules.
struct Nftables: Sendable {
    /// Rules that the kernel or the library refused.
    struct Refusal: Error, CustomStringConvertible {
        /// What the library says about it.
        let description: String
    }

    private typealias New = @convention(c) (UInt32) -> OpaquePointer?
    private typealias Use = @convention(c) (OpaquePointer?) -> CInt
    private typealias Free = @convention(c) (OpaquePointer?) -> Void
    private typealias Text = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
    private typealias Run = @convention(c) (OpaquePointer?, UnsafePointer<CChar>?) -> CInt
    private typealias SetFlags = @convention(c) (OpaquePointer?, UInt32) -> Void

    private let new: New
    private let free: Free
    private let bufferOutput: Use
    private let bufferError: Use
    private let output: Text
    private let errors: Text
    private let run: Run
    private let setFlags: SetFlags

    /// The library does not say that contexts may be used side by side: one at a time.
    private static let turn = Mutex(())

    /// The library, loaded once; its absence is found once, too.
    static let loaded = Result { try Nftables() }

    private init() throws {
        guard let library = dlopen("libnftables.so.1", RTLD_NOW) else {
            let reason = dlerror().map { String(cString: $0) } ?? "not found"
            throw EngineError(.unsupported, .engine, "cannot load libnftables, which networks need: \(reason)")
        }
        func symbol<Function>(_ name: String, as _: Function.Type) throws -> Function {
            guard let address = dlsym(library, name) else {
                throw EngineError(.unsupported, .engine, "libnftables has no \(name)")
            }
            return unsafeBitCast(address, to: Function.self)
        }
        new = try symbol("nft_ctx_new", as: New.self)
        free = try symbol("nft_ctx_free", as: Free.self)
        bufferOutput = try symbol("nft_ctx_buffer_output", as: Use.self)
        bufferError = try symbol("nft_ctx_buffer_error", as: Use.self)
        output = try symbol("nft_ctx_get_output_buffer", as: Text.self)
        errors = try symbol("nft_ctx_get_error_buffer", as: Text.self)
        run = try symbol("nft_run_cmd_from_buffer", as: Run.self)
        setFlags = try symbol("nft_ctx_output_set_flags", as: SetFlags.self)
    }

    /// Does everything that the text says, or nothing of it.
    ///
    /// - Returns: what `list` commands answered, with numbers instead of names, and handles.
    /// - Throws: `Refusal` with the library's own words; `EngineError` where it could not be loaded.
    @discardableResult
    static func run(_ text: String) throws -> String {
        let library = try loaded.get()
        return try turn.withLock { _ in
            guard let context = library.new(UInt32(NFT_CTX_DEFAULT)) else { throw Refusal(description: "no memory") }
            defer { library.free(context) }
            _ = library.bufferOutput(context)
            _ = library.bufferError(context)
            library.setFlags(context, UInt32(NFT_CTX_OUTPUT_NUMERIC_PROTO | NFT_CTX_OUTPUT_HANDLE))
            guard library.run(context, text) == 0 else {
                let words = library.errors(context).map { String(cString: $0) } ?? ""
                throw Refusal(description: words.isEmpty ? "refused without a reason" : words)
            }
            return library.output(context).map { String(cString: $0) } ?? ""
        }
    }
}
