; The setup for Windows: for one person, without an administrator, over a running program, and all gone again but the data.
;
; Made by `cargo xtask installer --windows`, which gives every value that a brand may change:
;   NAME        what people read                    VERSION   1.2.3, and VERSION4 with a fourth number
;   IDENTIFIER  the key in the registry             PUBLISHER who made it
;   MAIN        the program the menu starts         ARGUMENTS what it is given
;   SCHEME      links that open it; empty for none  QUIET     what it is given at sign-in; without it, no start at sign-in
;   ICON, OUT   files                               FILES     the list of what goes in, made with it
;   DOWNLOAD    where WebView2's setup is; empty: not needed BOOTSTRAPPER  that setup, to put inside
;   SOLID       all in one block                    SIGN      a script that signs the file it is given
;   DICTIONARY  how far back packing looks
;
; On the command line: /S without questions, /RUN starts the program afterwards, /D=FOLDER another place.

Unicode true
Target amd64-unicode
ManifestDPIAware true
ManifestSupportedOS all
; As one block it is smaller; with files in it that are stored as they are, it cannot be one.
!ifdef SOLID
  SetCompressor /SOLID lzma
!else
  SetCompressor lzma
!endif
; In megabytes. A large one costs a minute more and saves a twentieth.
SetCompressorDictSize ${DICTIONARY}
RequestExecutionLevel user

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh

!define PRODUCT_KEY "Software\${IDENTIFIER}"
!define REMOVE_KEY "Software\Microsoft\Windows\CurrentVersion\Uninstall\${IDENTIFIER}"
!define START_KEY "Software\Microsoft\Windows\CurrentVersion\Run"
; Where Windows notes what the person has switched off of it.
!define APPROVED_KEY "Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
!define ONCE_KEY "Software\Microsoft\Windows\CurrentVersion\RunOnce"
!define TOAST_KEY "Software\Classes\AppUserModelId\${IDENTIFIER}"
; The one name under which every WebView2 run time registers itself.
!define WEBVIEW "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

Name "${NAME}"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
; An upgrade goes where the last one went.
InstallDirRegKey HKCU "${PRODUCT_KEY}" "InstallDir"
BrandingText "${NAME} ${VERSION}"

VIProductVersion "${VERSION4}"
VIFileVersion "${VERSION4}"
VIAddVersionKey /LANG=1033 "ProductName" "${NAME}"
VIAddVersionKey /LANG=1033 "FileDescription" "${NAME} setup"
VIAddVersionKey /LANG=1033 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=1033 "CompanyName" "${PUBLISHER}"
VIAddVersionKey /LANG=1033 "LegalCopyright" "${PUBLISHER}"

; What the last page says; the version that was there before; whether that one is running.
Var Ending
Var Upgrade
Var Running

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\${MAIN}"
!define MUI_FINISHPAGE_RUN_PARAMETERS "${ARGUMENTS}"
!define MUI_FINISHPAGE_TEXT "$Ending"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

!ifdef SIGN
  !uninstfinalize '"${SIGN}" "%1"' = 0
  !finalize '"${SIGN}" "%1"' = 0
!endif

; A program that runs cannot be overwritten, but it can be renamed, and runs on. What an earlier upgrade renamed may still
; be running, so there are several names.
!macro MOVE_ASIDE name
  ${If} ${FileExists} "$INSTDIR\${name}"
    ClearErrors
    Delete "$INSTDIR\${name}"
    ${If} ${Errors}
      StrCpy $Running "yes"
      StrCpy $0 1
      ${Do}
        Delete "$INSTDIR\${name}.$0.old"
        ClearErrors
        Rename "$INSTDIR\${name}" "$INSTDIR\${name}.$0.old"
        ${IfNot} ${Errors}
          ${ExitDo}
        ${EndIf}
        IntOp $0 $0 + 1
      ${LoopUntil} $0 > 9
    ${EndIf}
  ${EndIf}
!macroend

; What is in the list: a program (it may be running), or another file.
!macro PROGRAM source name
  !insertmacro MOVE_ASIDE "${name}"
  File "/oname=${name}" "${source}"
!macroend
!macro OTHER source folder name
  SetOutPath "$INSTDIR${folder}"
  File "/oname=${name}" "${source}"
  SetOutPath "$INSTDIR"
!macroend

!macro STORED source folder name
  SetCompress off
  !insertmacro OTHER "${source}" "${folder}" "${name}"
  SetCompress auto
!macroend

; Each file by its name: what somebody else put into the folder is not ours to delete.
!macro GONE name
  Delete "$INSTDIR\${name}"
!macroend
!macro END name
  ; It may be running, and everything that was reported as done is on the disk.
  nsExec::Exec 'taskkill.exe /F /IM "${name}"'
  Pop $0
!macroend
!macro GONE_PROGRAM name
  ; A program that was ended takes a moment to let go of its file.
  StrCpy $0 0
  ${Do}
    ClearErrors
    Delete "$INSTDIR\${name}.*.old"
    Delete "$INSTDIR\${name}"
    ${IfNot} ${FileExists} "$INSTDIR\${name}"
    ${AndIfNot} ${FileExists} "$INSTDIR\${name}.*.old"
      ${ExitDo}
    ${EndIf}
    Sleep 200
    IntOp $0 $0 + 1
  ${LoopUntil} $0 > 50
!macroend

!include "${FILES}"

!if "${DOWNLOAD}" != ""
; Sets $0 to the version of WebView2 on this computer, for all people or for this one; nothing when there is none.
Function WebViewVersion
  SetRegView 32
  ReadRegStr $0 HKLM "SOFTWARE\${WEBVIEW}" "pv"
  SetRegView 64
  ${If} $0 == ""
  ${OrIf} $0 == "0.0.0.0"
    ReadRegStr $0 HKCU "Software\${WEBVIEW}" "pv"
  ${EndIf}
  ${If} $0 == "0.0.0.0"
    StrCpy $0 ""
  ${EndIf}
FunctionEnd

Function OfferWebView
  Call WebViewVersion
  ${If} $0 != ""
    Return
  ${EndIf}
!ifdef BOOTSTRAPPER
  DetailPrint "Installing Microsoft's WebView2, which shows the window ..."
  InitPluginsDir
  File "/oname=$PLUGINSDIR\webview2.exe" "${BOOTSTRAPPER}"
  ExecWait '"$PLUGINSDIR\webview2.exe" /silent /install' $1
  Call WebViewVersion
  ${If} $0 != ""
    Return
  ${EndIf}
!endif
  MessageBox MB_YESNO|MB_ICONQUESTION "${NAME} shows its window with Microsoft's WebView2, which this computer does not have yet.$\r$\n$\r$\nGet Microsoft's setup for it? Open the file when it is there; ${NAME} can be used afterwards." /SD IDNO IDNO +2
  ExecShell "open" "${DOWNLOAD}"
FunctionEnd
!endif

Function .onInit
  ${IfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "${NAME} needs Windows 10 or newer." /SD IDOK
    SetErrorLevel 3
    Quit
  ${EndIf}
FunctionEnd

Section
  SetOutPath "$INSTDIR"
  ClearErrors
  ReadRegStr $Upgrade HKCU "${PRODUCT_KEY}" "Version"
  StrCpy $Running ""
  !insertmacro PUT_FILES
  WriteUninstaller "$INSTDIR\uninstall.exe"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${MAIN}" "${ARGUMENTS}" "$INSTDIR\icon.ico"

  WriteRegStr HKCU "${PRODUCT_KEY}" "InstallDir" "$INSTDIR"
  WriteRegStr HKCU "${PRODUCT_KEY}" "Version" "${VERSION}"
  WriteRegStr HKCU "${REMOVE_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${REMOVE_KEY}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${REMOVE_KEY}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${REMOVE_KEY}" "DisplayIcon" "$INSTDIR\icon.ico"
  WriteRegStr HKCU "${REMOVE_KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${REMOVE_KEY}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${REMOVE_KEY}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${REMOVE_KEY}" "NoModify" 1
  WriteRegDWORD HKCU "${REMOVE_KEY}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${REMOVE_KEY}" "EstimatedSize" $0

  ; Notices on the desktop carry this name and picture.
  WriteRegStr HKCU "${TOAST_KEY}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${TOAST_KEY}" "IconUri" "$INSTDIR\icon.ico"
!if "${SCHEME}" != ""
  WriteRegStr HKCU "Software\Classes\${SCHEME}" "" "URL:${NAME}"
  WriteRegStr HKCU "Software\Classes\${SCHEME}" "URL Protocol" ""
  WriteRegStr HKCU "Software\Classes\${SCHEME}\shell\open\command" "" '"$INSTDIR\${MAIN}" -- "%1"'
!endif
!ifdef QUIET
  ; Only the first time: who has switched it off since then keeps it off.
  ${If} $Upgrade == ""
    WriteRegStr HKCU "${START_KEY}" "${NAME}" '"$INSTDIR\${MAIN}" ${QUIET}'
  ${EndIf}
!endif
!if "${DOWNLOAD}" != ""
  Call OfferWebView
!endif

  StrCpy $Ending "${NAME} is installed."
  ${If} $Running != ""
    StrCpy $Ending "${NAME} ${VERSION} is installed. The version before it is still running: quit it from its icon beside the clock, and start it again."
    ; What was renamed is deleted at the next sign-in.
    WriteRegStr HKCU "${ONCE_KEY}" "${IDENTIFIER}" 'cmd.exe /c del /q "$INSTDIR\*.old"'
  ${EndIf}

  ${GetParameters} $0
  ClearErrors
  ${GetOptions} $0 "/RUN" $1
  ${IfNot} ${Errors}
    Exec '"$INSTDIR\${MAIN}" ${ARGUMENTS}'
  ${EndIf}
SectionEnd

Section "Uninstall"
  !insertmacro TAKE_FILES
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\${NAME}.lnk"
  ; What the window's browser keeps for itself. The business's data are elsewhere, and stay.
  RMDir /r "$LOCALAPPDATA\${IDENTIFIER}\EBWebView"
  RMDir "$LOCALAPPDATA\${IDENTIFIER}"
  DeleteRegValue HKCU "${START_KEY}" "${NAME}"
  DeleteRegValue HKCU "${APPROVED_KEY}" "${NAME}"
  DeleteRegValue HKCU "${ONCE_KEY}" "${IDENTIFIER}"
  DeleteRegKey HKCU "${TOAST_KEY}"
!if "${SCHEME}" != ""
  DeleteRegKey HKCU "Software\Classes\${SCHEME}"
!endif
  DeleteRegKey HKCU "${REMOVE_KEY}"
  DeleteRegKey HKCU "${PRODUCT_KEY}"
SectionEnd
