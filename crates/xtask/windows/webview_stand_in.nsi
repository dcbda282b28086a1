; Stands in for Microsoft's setup of WebView2, which cannot be fetched here: notes what it was asked for and how often,
; and registers a version under the name that Microsoft documents for the run time.
Unicode true
Target amd64-unicode
SilentInstall silent
RequestExecutionLevel user
Name "WebView2 stand-in"
OutFile "${OUT}"

!include FileFunc.nsh

Section
  ${GetParameters} $0
  ReadRegStr $1 HKCU "Software\WebViewStandIn" "Ran"
  IntOp $1 $1 + 1
  WriteRegStr HKCU "Software\WebViewStandIn" "Ran" "$1"
  WriteRegStr HKCU "Software\WebViewStandIn" "Asked" "$0"
  WriteRegStr HKCU "Software\Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}" "pv" "120.0.2210.91"
SectionEnd
