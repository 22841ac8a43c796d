// SPDX-License-Identifier: Apache-2.0

import Engine
import Linux

/// A step of the engine's: between any two of them this process may be killed, and each may fail.
///
/// The fault tests try every step of every operation, so what is added here is tried at once.
protocol EngineStep: FaultPoint {}

extension EngineStep {
    /// To be called before the step.
    ///
    /// - Throws: `.system`, where a test wants this step to fail.
    func begin() throws(EngineError) {
        guard let fault = Fault.current else { return }
        do throws(SystemError) { try fault.meet(self) } catch { throw EngineError(error, .engine) }
    }
}

/// Making a container, for `create` and `run`.
enum MakeStep: EngineStep {
    static let operation = "make"
    case resolveImage, makeDirectory, makeLayer, insertRow
}

/// Starting one, for `run` and `start`.
enum StartStep: EngineStep {
    static let operation = "start"
    /// `start` only.
    case writeRow
    case makeRunDirectory, prepareNetwork, writeFiles, makeSources, compileSeccomp, openClient, startMonitor, noteStart
    /// Once everything is done but telling the caller.
    case handOver
}

/// Starting a supervisor, of a container or of an exec.
enum MonitorStartStep: EngineStep {
    static let operation = "monitorStart"
    case spawn, describe, hear
}

/// Undoing a start that failed.
enum UndoStep: EngineStep {
    static let operation = "undo"
    case clearProcesses, releaseNetwork, removeRunDirectory, writeRow
    /// With `--rm` only.
    case removeDirectory
}

/// What the end of a container requires.
enum SettleStep: EngineStep {
    static let operation = "settle"
    case lockDirectory, clearProcesses, releaseNetwork, removeRunDirectory, writeRow
    /// With `--rm` only.
    case removeDirectory
}

/// Stopping, for `stop` and `rm -f`.
enum StopStep: EngineStep {
    static let operation = "stop"
    case connect, sendSignal, awaitEnd, sendKill
}

/// Removing a container.
enum RemoveStep: EngineStep {
    static let operation = "remove"
    case lockDirectory, deleteRow, removeDirectory
}

/// One more program in a container.
enum ExecStep: EngineStep {
    static let operation = "exec"
    case makeDirectory, describe, openClient, startMonitor, handOver
    /// After its end.
    case removeDirectory
}

/// Loading images.
enum LoadStep: EngineStep {
    static let operation = "load"
    case readArchive, unpackLayer, lockStore, publishRecipe, publishLayer, storeManifest, insertRows
}

/// Saving images.
enum SaveStep: EngineStep {
    static let operation = "save"
    case readRows, writeLayer, writeDocuments, writeTables, finish
}

/// Building an image; its layers are published and its rows written as `load` does, and its commands run as containers do.
enum BuildPoint: EngineStep {
    static let operation = "build"
    case openContext, readFiles, makeDirectory, copyFiles, startCommand, awaitCommand, takeLayer, lockStore,
        publishRecipe
    case publishLayer, insertStep, noteMemory, storeImage
}
