/** Programs that a smuggled command line starts with. Lower case. */
export const commands: ReadonlySet<string> = new Set(
  `cat tac nl less more head tail od xxd base64 strings rev ls dir id whoami uname hostname ifconfig ipconfig netstat ss ps pwd env printenv set export
   echo printf ping ping6 ping.exe nslookup dig host getent traceroute tracert curl wget fetch lynx ftp tftp scp ssh telnet nc ncat netcat socat
   bash sh zsh ksh csh tcsh dash ash fish cmd cmd.exe powershell powershell.exe pwsh python python2 python3 perl ruby php node lua awk gawk sed
   sleep timeout true false kill killall pkill nohup nice crontab at systemctl service shutdown reboot halt poweroff rm rmdir del mv cp ln chmod chown mkdir touch dd tee
   tar zip unzip gzip find grep egrep locate which whereis xargs sort eval exec source type net net1 reg wmic sc tasklist taskkill certutil bitsadmin mshta rundll32 regsvr32 cscript wscript
   start sudo su passwd useradd adduser groups last who w mount df du lsof lsb_release arp route ip gcc cc make mail sendmail mysql psql sqlite3 busybox ver systeminfo
   apt apt-get aptitude yum dnf apk pip pip3 gem npm npx yarn gdb strace ltrace xxd lastlog regedit bcdboot irb c89 c99 clang tcc bsdtar perf flock bridge
   ansible ansible-playbook openvt setarch stdbuf taskset unshare nsenter watch logger pidstat rsync rpm dpkg snap tcpdump capsh chroot csplit dmesg genisoimage jjs jrunscript
   iex iwr iwmi irm invoke-webrequest invoke-expression icacls takeown schtasks msiexec installutil cmstp forfiles hh.exe explorer.exe vssadmin wevtutil diskpart fsutil
   vi vim ed nmap openssl expr test read declare alias history docker kubectl git htop top column cpulimit rmt knife cscli visudo g++
   ginsh ghci ghc gimp gnuplot grc hping3 ionice julia ksshell ldconfig logsave mawk nawk nft nsupdate octave pdb pexec pg pico puppet readelf restic rlogin rlwrap
   rvim scrot screen script sftp sg shuf slsh smbclient softlimit sshpass start-stop-daemon tclsh tmux troff ul uudecode uuencode valgrind vimdiff wish xdotool xelatex
   xetex yelp zathura zypper dialog csvtool cupsfilter dvips easy_install efax emacs eqn expand expect facter chef cd trap comm`.split(
    /\s+/,
  ),
)

/** Of these, the ones that are also everyday words: a following option, path or terminator is needed. */
export const ambiguousCommands: ReadonlySet<string> = new Set(
  `apt snap watch logger gem perf column fold bridge explorer.exe cat less more head tail host at id set env echo dir ping sort find test read type start service sleep true false last who which make mail
   source history export fetch route nice touch kill shutdown time locate groups net reg more rev ip ed fish dash strings node ruby perl php timeout halt git mount ln w ss sc nl make cc su ver python df last expr at alias declare docker exec eval cmd top column knife script screen pico puppet pg sg ul wish expand expect dialog emacs julia octave gimp chef cd trap comm`.split(
    /\s+/,
  ),
)

/** Suites whose programs all begin alike: `ansible-vault`, `chef-run`. */
export const commandFamily =
  /^(?:ansible|chef|aa|apt|systemd|docker|kube|git|podman|openssl|snap|dpkg|grub|update-rc|start-stop)-[a-z][a-z-]{1,24}$/
