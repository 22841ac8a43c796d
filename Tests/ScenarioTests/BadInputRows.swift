// SPDX-License-Identifier: Apache-2.0
import Testing

/// A line that people get wrong, and how dsh answers it.
struct BadInputRow: Sendable {
    let line: String
    let status: Int32
    /// Part of what stands on standard error.
    let sentence: String

    init(_ line: String, _ status: Int32, _ sentence: String) {
        self.line = line
        self.status = status
        self.sentence = sentence
    }
}

/// Lines of one kind; they share an engine, and none of them may leave anything in it.
struct BadInputGroup: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let rows: [BadInputRow]

    init(_ name: String, _ rows: [BadInputRow]) {
        testDescription = name
        self.rows = rows
    }
}

extension BadInputGroup {
    static let all: [BadInputGroup] = [
        BadInputGroup(
            "words that are no commands",
            [
                BadInputRow("docker os", 1, "unknown command: os\n     Did you mean: ps"),
                BadInputRow("docer run starter", 1, "Did you mean: docker run"),
                BadInputRow("dokcer ps", 1, "Did you mean: docker ps"),
                BadInputRow("pss", 1, "Did you mean: ps"),
                BadInputRow("container lss", 1, "Did you mean: container ls"),
                BadInputRow("container nonsense", 1, "unknown command: container nonsense"),
                BadInputRow("image nonsense", 1, "unknown command: image nonsense"),
                BadInputRow("image lss", 1, "Did you mean: image ls"),
                BadInputRow("system nonsense", 1, "unknown command: system nonsense"),
                BadInputRow("system prune", 1, "system prune is not there yet"),
                BadInputRow("system check extra", 1, "'dsh system check' accepts no arguments"),
                BadInputRow("frobnicate", 1, "unknown command: frobnicate"),
                BadInputRow("swarm init", 1, "swarm is not there yet"),
                BadInputRow("--no-such", 125, "unknown flag: --no-such"),
                BadInputRow("--root", 125, "--root needs an absolute path"),
                BadInputRow("no-such-file.dsh", 127, "no-such-file.dsh: No such file or directory"),
                BadInputRow("/no/such/file", 127, "/no/such/file: No such file or directory"),
            ]),
        BadInputGroup(
            "commands that are Docker's and not yet here",
            [
                BadInputRow("bake", 1, "bake is not there yet"),
                BadInputRow("buildx bake", 1, "buildx bake is not there yet"),
                BadInputRow("buildx ls", 1, "There is one builder, dsh itself"),
                BadInputRow("pull nginx", 1, "Scripts/offline-images"),
                BadInputRow("push starter", 1, "push is not there yet"),
                BadInputRow("login", 1, "login is not there yet"),
                BadInputRow("search nginx", 1, "search is not there yet"),
                BadInputRow("commit x", 1, "commit is not there yet"),
                BadInputRow("diff x", 1, "diff is not there yet"),
                BadInputRow("export x", 1, "export is not there yet"),
                BadInputRow("events", 1, "events is not there yet"),
                BadInputRow("network ls", 1, "network is not there yet"),
                BadInputRow("volume ls", 1, "volume is not there yet"),
                BadInputRow("stats", 1, "stats is not there yet"),
                BadInputRow("top x", 1, "top is not there yet"),
                BadInputRow("port x", 1, "port is not there yet"),
                BadInputRow("pause x", 1, "pause is not there yet"),
                BadInputRow("unpause x", 1, "unpause is not there yet"),
                BadInputRow("update x", 1, "update is not there yet"),
            ]),
        BadInputGroup(
            "flags of run",
            [
                BadInputRow("run", 1, "'dsh run' requires at least 1 argument"),
                BadInputRow("run --no-such-flag starter", 125, "unknown flag: --no-such-flag"),
                BadInputRow("run -Z starter", 125, "unknown shorthand flag: 'Z' in -Z"),
                BadInputRow("run --name", 125, "flag needs an argument: --name"),
                BadInputRow("run -p", 125, "flag needs an argument: 'p' in -p"),
                BadInputRow("run --entrypoint", 125, "flag needs an argument: --entrypoint"),
                BadInputRow("run --gpus all starter", 125, "--gpus is not there yet"),
                BadInputRow("run --restart always starter", 125, "--restart is not there yet"),
                BadInputRow("run --memory-swap 1m starter", 125, "--memory-swap is not there yet"),
                BadInputRow("run --rm=maybe starter true", 125, "invalid argument \"maybe\" for \"--rm\" flag"),
                BadInputRow("run --init=perhaps starter true", 125, "invalid argument \"perhaps\" for \"--init\" flag"),
                BadInputRow("run -it starter true", 1, "the input device is not a TTY"),
                BadInputRow("run -d -a stdout starter true", 1, "Conflicting options: -a and -d"),
            ]),
        BadInputGroup(
            "values of run's flags",
            [
                BadInputRow("run -p 65536:80 starter", 125, "\"65536\": a port is 1 to 65535"),
                BadInputRow("run -p a:b starter", 125, "\"b\": a port is 1 to 65535"),
                BadInputRow("run -p 0:0 starter", 125, "a port is 1 to 65535"),
                BadInputRow("run -p 80/sctp starter", 125, "invalid proto"),
                BadInputRow("run -p 127.0.0.999:1:80 starter", 125, "\"127.0.0.999\": Invalid ip address"),
                BadInputRow(
                    "run -p 5000-5001:80-82 starter", 125, "invalid ranges specified for container and host Ports"),
                BadInputRow("run -m 1k starter", 125, "Minimum memory limit allowed is 6MB"),
                BadInputRow("run -m lots starter", 125, "invalid argument \"lots\" for \"-m, --memory\" flag"),
                BadInputRow("run -m -1 starter true", 125, "invalid argument \"-1\" for \"-m, --memory\" flag"),
                BadInputRow("run --cpus 0.x starter", 125, "failed to parse 0.x as a rational number"),
                BadInputRow("run --cpus 10000 starter", 125, "range of CPUs is from 0.01 to"),
                BadInputRow(
                    "run --pids-limit many starter", 125, "invalid argument \"many\" for \"--pids-limit\" flag"),
                BadInputRow("run --cap-add NOPE starter", 125, "invalid capability: \"NOPE\""),
                BadInputRow("run --cap-drop NOPE starter", 125, "invalid capability: \"NOPE\""),
                BadInputRow("run --network nowhere starter", 125, "network nowhere not found"),
                BadInputRow("run --network container:nobody starter", 125, "network container:nobody not found"),
                BadInputRow(
                    "run -w relative starter", 125,
                    "the working directory 'relative' is invalid, it needs to be an absolute path"),
                BadInputRow(
                    "run --rm -u no-such-user starter", 125,
                    "unable to find user no-such-user: no matching entries in passwd file"),
                BadInputRow("run --rm -u 1:no-such-group starter", 125, "unable to find group no-such-group"),
                BadInputRow("run -h bad_host! starter", 125, "invalid hostname format: bad_host!"),
                BadInputRow("run -e =x starter", 125, "invalid environment variable: =x"),
                BadInputRow("run -l =x starter", 125, "invalid label '=x': empty name"),
                BadInputRow("run --env-file no-such-file starter", 125, "open no-such-file: no such file or directory"),
                BadInputRow("run --env-file / starter", 125, "read /: is a directory"),
                BadInputRow("run --stop-signal SIGNOPE starter", 125, "invalid signal: SIGNOPE"),
                BadInputRow(
                    "run --stop-timeout soon starter", 125, "invalid argument \"soon\" for \"--stop-timeout\" flag"),
                BadInputRow(
                    "run --detach-keys ctrl-!! starter", 125, "invalid argument \"ctrl-!!\" for \"--detach-keys\" flag"),
            ]),
        BadInputGroup(
            "mounts",
            [
                BadInputRow("run --tmpfs relative starter", 125, "'relative' mount path must be absolute"),
                BadInputRow("run -v /no/such/host/path:/x:rx starter", 125, "invalid mode: rx"),
                BadInputRow("run -v relative-name:relative starter", 125, "'relative' mount path must be absolute"),
                BadInputRow("run -v a:b:c:d starter", 125, "invalid volume specification: 'a:b:c:d'"),
                BadInputRow("run -v : starter", 125, "empty section between colons"),
                BadInputRow("run --mount type=bind,target=/x starter", 125, "field Source must not be empty"),
                BadInputRow(
                    "run --mount type=bind,source=/no/such/path,target=/x starter", 125,
                    "bind source path does not exist: /no/such/path"),
            ]),
        BadInputGroup(
            "names of images",
            [
                BadInputRow("run Starter", 125, "repository name (library/Starter) must be lowercase"),
                BadInputRow("run starter:lastest", 125, "Did you mean: starter:latest"),
                BadInputRow("run starter:-x", 125, "invalid reference format"),
                BadInputRow("run node", 125, "Unable to find image 'node:latest' locally"),
                BadInputRow("run ''", 125, "invalid reference format"),
                BadInputRow("run --pull sometimes starter", 125, "invalid pull option: 'sometimes'"),
                BadInputRow("create no-such-image", 1, "Unable to find image 'no-such-image:latest' locally"),
                BadInputRow("create --no-such starter", 125, "unknown flag: --no-such"),
                BadInputRow("create -m lots starter", 125, "invalid argument \"lots\" for \"-m, --memory\" flag"),
                BadInputRow("tag one", 1, "'dsh tag' requires 2 arguments"),
                BadInputRow("tag starter UPPER", 1, "repository name (library/UPPER) must be lowercase"),
                BadInputRow("tag starter @bad", 1, "invalid reference format"),
                BadInputRow(
                    "tag starter sha256:x", 1, "refusing to create an ambiguous tag using digest algorithm as name"),
                BadInputRow("tag no-such other", 1, "No such image: no-such:latest"),
                BadInputRow("rmi no-such", 1, "No such image: no-such:latest"),
                BadInputRow("rmi UPPER", 1, "repository name (library/UPPER) must be lowercase"),
                BadInputRow("rmi", 1, "'dsh rmi' requires at least 1 argument"),
                BadInputRow("history no-such", 1, "No such image: no-such:latest"),
                BadInputRow("history --no-such starter", 125, "unknown flag: --no-such"),
                BadInputRow("debug no-such", 125, "No such container or image: no-such"),
                BadInputRow("debug", 1, "no failed step is kept: the last build succeeded, or the cache was pruned"),
                BadInputRow("layers no-such", 1, "No such image: no-such:latest"),
                BadInputRow("layers starter 9", 1, "No such layer: 9 (starter has 1 layer)"),
                BadInputRow("layers starter /no-such", 1, "Could not find the file /no-such in any layer of starter"),
                BadInputRow("images --filter nonsense=1", 1, "invalid filter 'nonsense'"),
                BadInputRow("images a b", 1, "'dsh images' requires at most 1 argument"),
                BadInputRow("images --format {{.Nope}}", 1, "can't evaluate field Nope"),
                BadInputRow("image prune", 1, "dsh image prune -f"),
                BadInputRow("image restore-starters extra", 1, "accepts no arguments"),
            ]),
        BadInputGroup(
            "builds",
            [
                BadInputRow("build", 1, "'dsh build' requires 1 argument"),
                BadInputRow("build /no/such", 1, "unable to prepare context: path \"/no/such\" not found"),
                BadInputRow("build /etc/passwd", 1, "unable to prepare context: context must be a directory"),
                BadInputRow(
                    "build /proc/self", 1, "failed to read dockerfile: open Dockerfile: no such file or directory"),
                BadInputRow("build -f /no/such /proc/self", 1, "failed to read dockerfile: open /no/such"),
                BadInputRow("build https://example.com/x.git", 1, "reading from an address is not there yet"),
                BadInputRow("build --progress loud /", 1, "invalid progress mode loud"),
                BadInputRow("build --ssh default /", 125, "--ssh is not there yet"),
                BadInputRow("build --no-such /", 125, "unknown flag: --no-such"),
                BadInputRow("image build -o x /", 125, "--output is not there yet"),
                BadInputRow("builder prune", 1, "dsh builder prune -f"),
                BadInputRow("builder prune extra", 1, "'dsh builder prune' accepts no arguments"),
                BadInputRow("builder prune --keep-storage lots", 125, "invalid argument \"lots\""),
                BadInputRow("builder nonsense", 1, "unknown command: builder nonsense"),
                BadInputRow("buildx nonsense", 1, "unknown command: buildx nonsense"),
                BadInputRow("buildx du extra", 1, "'dsh builder du' accepts no arguments"),
            ]),
        BadInputGroup(
            "archives",
            [
                BadInputRow("save no-such", 1, "No such image: no-such:latest"),
                BadInputRow(
                    "save -o /no/such/dir/x.tar starter", 1, "open /no/such/dir/x.tar: no such file or directory"),
                BadInputRow("load -i no-such.tar", 1, "open no-such.tar: no such file or directory"),
                BadInputRow("load extra", 1, "'dsh load' accepts no arguments"),
                BadInputRow("load -i /etc/passwd", 1, "invalid archive"),
                BadInputRow("import no-such.tar", 1, "open no-such.tar: no such file or directory"),
                BadInputRow("import -c NOPE /dev/null", 1, "NOPE is not a valid change command"),
                BadInputRow("import /etc/passwd", 1, "invalid archive"),
            ]),
        BadInputGroup(
            "containers that are not there",
            [
                BadInputRow("start nobody", 1, "No such container: nobody"),
                BadInputRow("stop nobody", 1, "No such container: nobody"),
                BadInputRow("rm nobody", 1, "No such container: nobody"),
                BadInputRow("kill nobody", 1, "No such container: nobody"),
                BadInputRow("wait nobody", 1, "No such container: nobody"),
                BadInputRow("logs nobody", 1, "No such container: nobody"),
                BadInputRow("exec nobody true", 1, "No such container: nobody"),
                BadInputRow("attach nobody", 1, "No such container: nobody"),
                BadInputRow("rename nobody else", 1, "No such container: nobody"),
                BadInputRow("cp nobody:/x .", 1, "No such container: nobody"),
                BadInputRow("cp /etc/passwd nobody:/", 1, "No such container: nobody"),
                BadInputRow("inspect nobody", 1, "No such object: nobody"),
                BadInputRow("restart nobody", 1, "No such container: nobody"),
                BadInputRow("use nobody", 1, "No such container or image: nobody"),
            ]),
        BadInputGroup(
            "names and values of the other commands",
            [
                BadInputRow("run --name -bad starter", 125, "Invalid container name (-bad)"),
                BadInputRow("run --name a/b starter", 125, "Invalid container name (a/b)"),
                BadInputRow("rename one", 1, "'dsh rename' requires 2 arguments"),
                BadInputRow("cp one", 1, "'dsh cp' requires 2 arguments"),
                BadInputRow("cp a b", 1, "must specify at least one container source"),
                BadInputRow("cp one:/x two:/y", 1, "copying between containers is not supported"),
                BadInputRow("stop", 1, "'dsh stop' requires at least 1 argument"),
                BadInputRow("stop -t soon x", 125, "invalid argument \"soon\" for \"-t, --timeout\" flag"),
                BadInputRow("restart -t soon x", 125, "invalid argument \"soon\" for \"-t, --timeout\" flag"),
                BadInputRow("start", 1, "'dsh start' requires at least 1 argument"),
                BadInputRow("rm", 1, "'dsh rm' requires at least 1 argument"),
                BadInputRow("kill -s NOPE x", 1, "invalid signal: NOPE"),
                BadInputRow("kill -s 99 x", 1, "invalid signal: 99"),
                BadInputRow("wait --no-such x", 125, "unknown flag: --no-such"),
                BadInputRow("attach x y", 1, "'dsh attach' requires 1 argument"),
                BadInputRow("logs --tail some starter", 125, "invalid argument \"some\" for \"-n, --tail\" flag"),
                BadInputRow("logs --since yesterday x", 1, "failed to parse value as time or duration: \"yesterday\""),
                BadInputRow("exec x", 1, "'dsh exec' requires at least 2 arguments"),
                BadInputRow("exec -e =x x true", 125, "invalid environment variable: =x"),
                BadInputRow("ps --no-such-flag", 125, "unknown flag: --no-such-flag"),
                BadInputRow("ps --filter nonsense", 125, "bad format of filter (expected name=value)"),
                BadInputRow("ps --filter nonsense=1", 1, "invalid filter 'nonsense'"),
                BadInputRow("ps --filter status=sleeping", 1, "invalid filter 'status=sleeping'"),
                BadInputRow("ps --format {{", 1, "template parsing error"),
                BadInputRow("ps --last many", 125, "invalid argument \"many\" for \"-n, --last\" flag"),
                BadInputRow("ps extra", 1, "'dsh ps' accepts no arguments"),
                BadInputRow("inspect --type nonsense x", 1, "\"nonsense\" is not a valid value for --type"),
                BadInputRow("inspect -f {{.Nope starter", 1, "template parsing error"),
                BadInputRow("inspect -f {{.Nope}} starter", 1, "map has no entry for key \"Nope\""),
                BadInputRow("container prune", 1, "dsh container prune -f"),
                BadInputRow("container prune -f --filter nonsense", 125, "bad format of filter (expected name=value)"),
                BadInputRow("info extra", 1, "'dsh info' accepts no arguments"),
                BadInputRow("info --format {{.Nope}}", 1, "map has no entry for key \"Nope\""),
                BadInputRow("version extra", 1, "'dsh version' accepts no arguments"),
                BadInputRow("version --format {{.Nope}}", 1, "map has no entry for key \"Nope\""),
                BadInputRow("use a b", 1, "'dsh use' requires at most 1 argument"),
                BadInputRow("cd /no/such", 1, "cd: /no/such: No such file or directory"),
                BadInputRow("cd a b", 1, "'dsh cd' requires at most 1 argument"),
                BadInputRow("pwd x", 1, "'dsh pwd' accepts no arguments"),
                BadInputRow("pwd --no-such", 125, "unknown flag: --no-such"),
                BadInputRow("set X", 1, "X: a variable is set as NAME=VALUE"),
                BadInputRow("set image=x", 1, "image"),
                BadInputRow("exit x", 1, "exit takes one number from 0 to 255"),
                BadInputRow("exit 1 2", 1, "'dsh exit' requires at most 1 argument"),
                BadInputRow("help nonsense", 1, "unknown command: nonsense"),
                BadInputRow("help container nonsense", 1, "unknown command: container nonsense"),
            ]),
    ]
}
