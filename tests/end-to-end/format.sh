# speed: long
# The C# sources are as dotnet format would write them.
. "$(dirname "$0")/common.sh"
check "dotnet format" tidy_dotnet format nf-runtime.sln --verify-no-changes --no-restore
finish
