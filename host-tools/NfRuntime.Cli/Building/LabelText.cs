using System.Collections.Generic;
using System.IO;
using NfRuntime.Cli.Errors;
using NfRuntime.Cli.Models;
using NfRuntime.Cli.Projects;

namespace NfRuntime.Cli.Building;

/// <summary>A project's labels: a text file, one label a line.</summary>
internal static class LabelText
{
    /// <summary>The labels, or null when the project names none.</summary>
    /// <exception cref="ToolException">The file is not there.</exception>
    public static IReadOnlyList<string>? Read(CapsuleProject project)
    {
        if (project.Labels is null)
        {
            return null;
        }

        NamedFile.RequireContent(project.Labels);
        return File.Exists(project.Labels)
            ? File.ReadAllLines(project.Labels)
            : throw new ToolException(ErrorCodes.ProjectFile, $"There is no {project.Labels}.", "Check \"labels\" in capsule.json.");
    }
}
