// SPDX-License-Identifier: Apache-2.0
import Foundation
import PackagePlugin

/// Makes the images that dsh carries in itself, `starter` and `hello`, when their script or busybox changes.
@main
struct StartersPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let script = context.package.directoryURL.appending(path: "Plugins/Starters/make-starters.sh")
        let output = context.pluginWorkDirectoryURL.appending(path: "StarterArchive.swift")
        let scratch = context.pluginWorkDirectoryURL.appending(path: "starters")
        return [
            .buildCommand(
                displayName: "Making the starter images", executable: URL(filePath: "/bin/sh"),
                arguments: [script.path(), output.path(), scratch.path()],
                inputFiles: [script, URL(filePath: "/bin/busybox")], outputFiles: [output])
        ]
    }
}
