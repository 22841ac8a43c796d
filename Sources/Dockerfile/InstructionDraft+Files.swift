// SPDX-License-Identifier: Apache-2.0

extension InstructionDraft {
    /// `COPY` and `ADD`.
    func fileCopy(_ documents: [HereDocument]) throws(DockerfileError) -> FileCopy {
        let words = try list()
        guard let destination = words.last, words.count > 1 else {
            throw failure(
                "\(keyword.rawValue) requires at least two arguments, but only one was provided. "
                    + "Destination could not be determined",
                hint: "\(keyword.rawValue) SOURCE… DESTINATION, as in \(keyword.rawValue) . /app")
        }
        var allowed: [String: InstructionFlags.Kind] = [
            "chown": .text, "chmod": .text, "link": .bool, "exclude": .texts,
        ]
        let own: [String: InstructionFlags.Kind] =
            keyword == .copy
            ? ["from": .text, "parents": .bool] : ["checksum": .text, "keep-git-dir": .bool, "unpack": .bool]
        allowed.merge(own) { first, _ in first }
        let flags = try InstructionFlags(flags, allowed: allowed)
        if try HereDocument.Marker(destination.text, destination.span) != nil {
            throw DockerfileError("\(keyword.rawValue) cannot accept a heredoc as a destination", destination.span)
        }
        return FileCopy(
            sources: try sources(words.dropLast(), documents), destination: destination, from: flags.text("from"),
            owner: flags.text("chown"), mode: flags.text("chmod"), isLinked: flags.isSet("link"),
            keepsParents: flags.isSet("parents"), excludes: flags.texts("exclude"), checksum: flags.text("checksum"),
            unpacks: flags.bool("unpack"), keepsGitDirectory: flags.isSet("keep-git-dir"))
    }

    private func sources(
        _ words: ArraySlice<Word>, _ documents: [HereDocument]
    ) throws(DockerfileError) -> [FileCopy.Source] {
        var sources: [FileCopy.Source] = []
        for word in words {
            // The last document of a name counts, as in BuildKit.
            if let marker = try HereDocument.Marker(word.text, word.span),
                let document = documents.last(where: { $0.name == marker.name })
            {
                sources.append(.document(document))
            } else {
                sources.append(.path(word))
            }
        }
        return sources
    }

    /// `HEALTHCHECK`.
    func healthCheck() throws(DockerfileError) -> HealthCheck {
        let (first, command) = text.firstWord(rest)
        let kind = text.word(first)
        switch kind.text.uppercased() {
        case "":
            throw failure("HEALTHCHECK requires at least one argument")
        case "NONE":
            guard command.isEmpty else {
                throw DockerfileError("HEALTHCHECK NONE takes no arguments", text.span(command))
            }
            return .none
        case "CMD":
            let timing = try healthCheckTiming()
            let line = try commandLine(command)
            guard !command.isEmpty, line != .exec([]) else {
                throw DockerfileError("Missing command after HEALTHCHECK CMD", kind.span)
            }
            return .command(line, timing)
        default:
            throw DockerfileError(
                "Unknown type \(kind.text.uppercased().quoted) in HEALTHCHECK (try CMD)", kind.span)
        }
    }

    private func healthCheckTiming() throws(DockerfileError) -> HealthCheckTiming {
        let flags = try InstructionFlags(
            flags,
            allowed: [
                "interval": .text, "timeout": .text, "start-period": .text, "start-interval": .text, "retries": .text,
            ])
        func time(_ name: String) throws(DockerfileError) -> Int {
            guard let word = flags.text(name) else { return 0 }
            guard let time = GoDuration.nanoseconds(word.text) else {
                throw DockerfileError(
                    "time: invalid duration \(word.text.quoted)", word.span,
                    hint: "a number and a unit: 30s, 1m30s, 500ms")
            }
            guard time == 0 || time >= 1_000_000 else {
                throw DockerfileError("Interval \(name.quoted) cannot be less than 1ms", word.span)
            }
            return time
        }
        var timing = HealthCheckTiming(
            interval: try time("interval"), timeout: try time("timeout"), startPeriod: try time("start-period"),
            startInterval: try time("start-interval"))
        if let word = flags.text("retries") {
            guard let retries = Int32(word.text) else {
                throw DockerfileError("invalid number of retries: \(word.text.quoted)", word.span)
            }
            guard retries >= 0 else {
                throw DockerfileError("--retries cannot be negative (\(retries))", word.span)
            }
            timing.retries = Int(retries)
        }
        return timing
    }
}
