// SPDX-License-Identifier: Apache-2.0
import PackagePlugin

/// Makes the images that dsh carries in itself, `starter` and `hello`, each time their sources change.
@main
struct StartersPlugin: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let script = context.package.directoryURL.appending(path: "Plugins/Starters/make-starters.sh")
        let output = context.pluginWorkDirectoryURL.appending(path: "StarterArchive.swift")
        return [
            .buildCommand(
                displayName: "Making the starter images", executable: .init(filePath: "/bin/sh"),
                arguments: [script.path(), output.path()], inputFiles: [script], outputFiles: [output])
        ]
    }
}
