# The frame of the command line's help. Its texts about commands and options stand in their sources.

guide-every-day = Every day:
guide-set-up = Set-up:
guide-diagnosis = Diagnosis:
guide-simulation = Simulation:
guide-example = Example:
guide-examples = Examples:
guide-forms = Forms: { $forms }
guide-more = `complaints help COMMAND` has an example of each command.
    To try them all, run `complaints demo`.

# Words of the library that writes the help, exactly as it has them.

clap-usage = Usage:
clap-commands = Commands:
clap-arguments = Arguments:
clap-options = Options:
clap-output = Output:
clap-variable = [env:
clap-default = [default:
clap-values = [possible values:
clap-values-below = Possible values:

# The same of the library that writes the manual pages.

man-name = NAME
man-synopsis = SYNOPSIS
man-description = DESCRIPTION
man-options = OPTIONS
man-output = OUTPUT
man-commands = SUBCOMMANDS
man-extra = EXTRA
man-version = VERSION
man-variable = May also be specified with the
man-variable-end = environment variable.
